/**
 * The Socket.IO connection. The library is loaded on first use, because the entry form does not
 * need it.
 */
import type { ManagerOptions, Socket, SocketOptions } from 'socket.io-client';

import type {
  HostClientEvents,
  HostServerEvents,
  PlayClientEvents,
  PlayServerEvents,
} from '@/protocol/socket';

export type PlaySocket = Socket<PlayServerEvents, PlayClientEvents>;
export type HostSocket = Socket<HostServerEvents, HostClientEvents>;

/** Returns what `auth` sends; called for each connection, since tokens change. */
export type Auth = () => Promise<Record<string, unknown>> | Record<string, unknown>;

export const ACK_TIMEOUT_MS = 6_000;

const OPTIONS: Partial<ManagerOptions & SocketOptions> = {
  transports: ['websocket', 'polling'],
  tryAllTransports: true,
  rememberUpgrade: true,
  autoConnect: false,
  forceNew: true,
  reconnectionDelay: 300,
  reconnectionDelayMax: 3_000,
  randomizationFactor: 0.5,
  timeout: 8_000,
};

export async function openPlaySocket(auth: Auth): Promise<PlaySocket> {
  return await open('/play', auth);
}

export async function openHostSocket(auth: Auth): Promise<HostSocket> {
  return await open('/host', auth);
}

export type Transport = 'websocket' | 'polling';

/** Open a connection over a single transport that never reconnects, to test that transport. */
export async function openTestSocket(transport: Transport): Promise<Socket> {
  const { io } = await import('socket.io-client');
  const once = { reconnection: false, upgrade: false, tryAllTransports: false };
  return io('/play', { ...OPTIONS, ...once, transports: [transport] });
}

async function open(namespace: string, auth: Auth): Promise<Socket> {
  const { io } = await import('socket.io-client');
  return io(namespace, {
    ...OPTIONS,
    auth: (send) => void obtain(auth).then(send),
  });
}

const AUTH_RETRY_MS = 1_500;

/** The credentials, or none if there are none. Network errors are retried. */
async function obtain(auth: Auth): Promise<Record<string, unknown>> {
  for (;;) {
    try {
      return await auth();
    } catch (error) {
      if (!(error instanceof Error && 'retryable' in error && error.retryable)) return {};
      await new Promise((resolve) => setTimeout(resolve, AUTH_RETRY_MS));
    }
  }
}
