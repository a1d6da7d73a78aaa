/** Tests each transport to the server with the same library that quizzes use. */
import type { Socket } from 'socket.io-client';

import { openTestSocket, type Transport } from '@/live/socket';

import { median, type Measured, type Way } from './verdict';

const ROUNDS = { websocket: 20, polling: 6 };
const PAUSE_MS = 60;
const CONNECT_MS = 8_000;
const ROUND_MS = 4_000;
const FETCH_MS = 8_000;
/** After this many lost rounds a transport is given up. */
const MOST_LOST = 3;

export type Step = 'server' | Transport;

interface Tried extends Way {
  /** Device clock minus server clock, one per round. */
  offsets_ms: number[];
}

interface SyncAnswer {
  ok: boolean;
  server_ms?: number;
}

/** Run the test; `begins` is called with each step. Never rejects. */
export async function measure(begins: (step: Step) => void): Promise<Measured> {
  begins('server');
  const release = await releaseOf();
  begins('websocket');
  const websocket = await tryWay('websocket');
  begins('polling');
  const polling = await tryWay('polling');
  const offsets_ms = websocket.offsets_ms.length ? websocket.offsets_ms : polling.offsets_ms;
  return { release, websocket, polling, clock_ms: median(offsets_ms) };
}

async function releaseOf(): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(FETCH_MS);
    const answer = await fetch('/api/v1/about', { cache: 'no-store', signal });
    if (!answer.ok) return null;
    return ((await answer.json()) as { release: string }).release;
  } catch {
    return null;
  }
}

async function tryWay(transport: Transport): Promise<Tried> {
  const tried: Tried = { open: false, round_trips_ms: [], lost: 0, offsets_ms: [] };
  let socket: Socket | undefined;
  try {
    socket = await openTestSocket(transport);
    await connected(socket);
    tried.open = true;
    for (let round = 0; round < ROUNDS[transport] && tried.lost < MOST_LOST; round++) {
      await ask(socket, tried);
      await pause(PAUSE_MS);
    }
  } catch {
    // failing to open is a result, too
  } finally {
    socket?.disconnect();
  }
  // a transport that opens but gets no replies is useless
  return { ...tried, open: tried.open && tried.round_trips_ms.length > 0 };
}

async function ask(socket: Socket, tried: Tried): Promise<void> {
  const [sent_ms, began] = [Date.now(), performance.now()];
  try {
    const answer = (await socket
      .timeout(ROUND_MS)
      .emitWithAck('sync', { t0: sent_ms })) as SyncAnswer;
    const took_ms = performance.now() - began;
    tried.round_trips_ms.push(took_ms);
    if (answer.server_ms !== undefined)
      tried.offsets_ms.push(sent_ms + took_ms / 2 - answer.server_ms);
  } catch {
    tried.lost += 1;
  }
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('timeout')), CONNECT_MS);
    const settle = (end: () => void) => () => {
      clearTimeout(timer);
      end();
    };
    socket.once('connect', settle(resolve));
    socket.once(
      'connect_error',
      settle(() => reject(new Error('refused'))),
    );
    socket.connect();
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
