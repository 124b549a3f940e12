// Control messages (type 64) over a stock provider: requests with answers, and the server's notices (docs/wire.md, "Control messages").

import { readVarString } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import type { WebsocketProvider } from 'y-websocket';

const controlType = 64;

export interface Notice {
  readonly event: string;
  readonly [member: string]: unknown;
}

export class Control {
  readonly #provider: WebsocketProvider;
  readonly #waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  #lastId = 0;

  /** Greets the server on every connection: it sends notices only to those who have spoken. */
  constructor(
    provider: WebsocketProvider,
    onNotice: (notice: Notice) => void,
    onHello: (hello: Record<string, unknown>) => void,
  ) {
    this.#provider = provider;
    provider.messageHandlers[controlType] = (_encoder, decoder) => {
      const message = JSON.parse(readVarString(decoder)) as Record<string, unknown>;
      if (typeof message['event'] === 'string') onNotice(message as Notice);
      else if (typeof message['id'] === 'number') {
        this.#waiting.get(message['id'])?.(message);
        this.#waiting.delete(message['id']);
      }
    };
    provider.on('status', ({ status }) => {
      this.#waiting.clear();
      if (status === 'connected')
        this.ask('hello', {}, (answer) => {
          if (typeof answer['ok'] === 'object' && answer['ok'] !== null)
            onHello(answer['ok'] as Record<string, unknown>);
        });
    });
  }

  /** Sends a request if there is a connection; an answer may never come. */
  ask(what: string, members: object = {}, answered: (answer: Record<string, unknown>) => void = () => {}): void {
    const { ws } = this.#provider;
    if (ws === null || ws.readyState !== ws.OPEN) return;
    this.#lastId += 1;
    this.#waiting.set(this.#lastId, answered);
    const encoder = createEncoder();
    writeVarUint(encoder, controlType);
    writeVarString(encoder, JSON.stringify({ id: this.#lastId, do: what, ...members }));
    ws.send(toUint8Array(encoder));
  }
}
