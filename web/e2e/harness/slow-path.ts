/** A TCP proxy that delays all data. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export class SlowPath {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Open a proxy to `target` with `delay_ms` in each direction. */
  static async open(target: string, delay_ms: number): Promise<SlowPath> {
    const { hostname, port } = new URL(target);
    const server = createServer((client) => {
      const gateway = connect(Number(port), hostname);
      path.#join(client, gateway, delay_ms);
      path.#join(gateway, client, delay_ms);
    });
    const path = new SlowPath(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return path;
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(from: Socket, to: Socket, delay_ms: number): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    const later = (act: () => void): void => {
      setTimeout(() => {
        if (!to.destroyed) act();
      }, delay_ms);
    };
    from.on('data', (bytes) => later(() => to.write(bytes)));
    from.on('end', () => later(() => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      later(() => to.destroy());
    });
  }
}
