// A network between browsers and the server that can be cut: connections through it break, and new ones are refused, until it is mended.

import { createServer, connect as dial, type Server, type Socket } from 'node:net';

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

export class CuttableNetwork {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #listener: Server;
  #port = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#listener = this.#listen();
  }

  static async to(target: string): Promise<CuttableNetwork> {
    const network = new CuttableNetwork(target);
    await network.mend();
    return network;
  }

  /** The server's address as seen through this network; the same after a cut. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    this.#listener = this.#listen();
  }

  async mend(): Promise<void> {
    await listen(this.#listener, this.#port);
    const address = this.#listener.address();
    if (typeof address === 'object' && address) this.#port = address.port;
  }

  #listen(): Server {
    return createServer((near) => {
      const far = dial(Number(this.#target.port), this.#target.hostname);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.setNoDelay();
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
  }
}

/** Runs `work` with a network to the server, and ends it whatever happens. */
export const withNetwork = async (target: string, work: (network: CuttableNetwork) => Promise<void>): Promise<void> => {
  const network = await CuttableNetwork.to(target);
  try {
    await work(network);
  } finally {
    await network.cut();
  }
};
