// Several writes to one socket within a tick become one: sockets are corked at their first write and uncorked together.

import type { Duplex } from 'node:stream';

export class Corker {
  #corked: Duplex[] = [];

  write(socket: Duplex, bytes: Uint8Array): void {
    if (socket.writableCorked === 0) {
      socket.cork();
      if (this.#corked.push(socket) === 1) process.nextTick(() => this.#flush());
    }
    socket.write(bytes);
  }

  #flush(): void {
    const corked = this.#corked;
    this.#corked = [];
    for (const socket of corked) socket.uncork();
  }
}
