/** Requests about this device's seat, authorised by its token. Not needed for playing. */
import { deviceId, type Seat } from '@/live/seats';

export interface SeatStatus {
  run_id: string;
  title: string;
  phase: string;
  nickname: string;
}

export interface MoveCode {
  code: string;
  /** Epoch ms by the server's clock. */
  expires_at: number;
}

export type Moved = Pick<Seat, 'run_id' | 'player_id' | 'nickname' | 'pin' | 'token'>;

export class Refused extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export function seatStatus(seat: Seat): Promise<SeatStatus> {
  return ask<SeatStatus>('GET', 'place', { token: seat.token });
}

export function codeFor(seat: Seat): Promise<MoveCode> {
  return ask<MoveCode>('POST', 'move-code', { token: seat.token });
}

export function moveBy(code: string): Promise<Moved> {
  return ask<Moved>('POST', 'move', { body: { code, device: deviceId() } });
}

async function ask<T>(
  method: string,
  path: string,
  { token, body }: { token?: string; body?: object },
): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/play/${path}`, {
      method,
      headers: {
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    throw new Refused('offline');
  }
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => ({}))) as { code?: string };
  throw new Refused(problem.code ?? 'internal');
}

/** `7KQ2 MXPA` is easier to read out than `7KQ2MXPA`. */
export function grouped(code: string): string {
  return `${code.slice(0, 4)} ${code.slice(4)}`.trim();
}

/** Normalize a typed or scanned code. */
export function cleanCode(typed: string): string {
  return typed.toUpperCase().replace(/[^A-Z0-9]/g, '');
}
