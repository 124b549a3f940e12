// Where requests come from: a server of our own, or one that somebody else runs and lends us a path of (docs/embedding.md).
// Whatever is not below that path reaches its owner as if we were not there.

import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { Server as TlsServer } from 'node:tls';
import { problemOf, problemType } from './http/problem.js';
import { refuseBytes } from './http/unread-request.js';
import { ContrailError } from './model/errors.js';

export interface HostHandlers {
  readonly request: RequestListener;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export interface Host {
  /** `http://host:port` with the path; the path alone while a lent server does not listen. */
  readonly url: string;
  /** Takes no more connections and requests. */
  stop(): void;
  /** Ends the answers that are still on their way. */
  end(): Promise<void>;
}

export type LentServer = Server | SecureServer;

/** A server of our own. Rejects when the address is taken. */
export const listen = async (
  { host, port }: { readonly host: string; readonly port: number },
  handlers: HostHandlers,
): Promise<Host> => {
  const answers = new Answers(handlers.request);
  const http = createHttpServer(answers.give);
  http.on('upgrade', handlers.upgrade);
  http.on('clientError', (error, socket) => {
    if (answers.isBegun(socket)) socket.destroy();
    else refuseBytes(error, socket as Socket);
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, resolve);
  });
  const url = urlOf(http, '');
  let closed: Promise<unknown> = Promise.resolve();
  return {
    url,
    stop() {
      closed = new Promise((resolve) => http.close(resolve));
      http.closeIdleConnections();
    },
    async end() {
      await answers.end();
      http.closeAllConnections();
      await closed;
    },
  };
};

/**
 * A path of somebody else's server. Its events are caught before its listeners hear of them: listeners cannot keep each other from answering,
 * and those that are added later would be asked first in no order that we could choose.
 */
export const attach = async (server: LentServer, path: string, handlers: HostHandlers): Promise<Host> => {
  const answers = new Answers(handlers.request);
  let stopped = false;
  let ended = false;

  /** Whether an event was ours. */
  const taken = (event: string | symbol, [request, second, head]: readonly unknown[]): boolean => {
    if (ended || !requestEvents.has(event)) return false;
    const message = request as IncomingMessage;
    const rest = below(path, message.url ?? '');
    if (event === 'upgrade') {
      if (rest === null) return server.listeners('upgrade').every(isOurs) && giveBack(server, message, second, head);
      message.url = rest;
      handlers.upgrade(message, second as Duplex, head as Buffer);
      return true;
    }
    if (rest === null) return false;
    message.url = rest;
    if (event === 'checkContinue') (second as ServerResponse).writeContinue();
    if (stopped) unavailable(second as ServerResponse);
    else answers.give(message, second as ServerResponse);
    return true;
  };

  const emit = server.emit;
  const catching = function (this: LentServer, event: string | symbol, ...parts: readonly unknown[]): boolean {
    return taken(event, parts) || Reflect.apply(emit, this, [event, ...parts]);
  } as LentServer['emit'];
  server.emit = catching;
  server.on('upgrade', present);

  return {
    get url() {
      return urlOf(server, path);
    },
    stop() {
      stopped = true;
    },
    async end() {
      await answers.end();
      server.off('upgrade', present);
      // Somebody may have put theirs over ours since; then ours stays beneath it and lets everything through.
      if (server.emit === catching) server.emit = emit;
      ended = true;
    },
  };
};

/** Without a listener Node reads upgrades as plain requests. It hears only of those that are somebody else's. */
const present = (): void => {};
const isOurs = (listener: unknown): boolean => listener === present;

/** The answers that are on their way. */
class Answers {
  readonly give: RequestListener;
  readonly #underWay = new Set<ServerResponse>();

  constructor(handler: RequestListener) {
    this.give = (request, response) => {
      this.#underWay.add(response);
      response.once('close', () => this.#underWay.delete(response));
      handler(request, response);
    };
  }

  /** Whether part of an answer is out on the socket already. */
  isBegun(socket: Duplex): boolean {
    return [...this.#underWay].some((response) => response.socket === socket && response.headersSent);
  }

  /** Lets them get out for a moment, and cuts off what is left. */
  async end(): Promise<void> {
    const gone = [...this.#underWay].map((response) => new Promise((resolve) => response.once('close', resolve)));
    const patience = new AbortController();
    await Promise.race([
      Promise.all(gone),
      setTimeout(patienceMs, null, { signal: patience.signal }).catch(() => null),
    ]);
    patience.abort();
    for (const response of this.#underWay) response.destroy();
  }
}

const patienceMs = 1_000;

const requestEvents: ReadonlySet<string | symbol> = new Set([
  'request',
  'upgrade',
  'checkContinue',
  'checkExpectation',
]);

/** What of a request's URL lies below the path, with a leading slash; `null` when it is not ours. */
const below = (path: string, url: string): string | null => {
  if (!url.startsWith(path)) return null;
  const rest = url.slice(path.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : null;
};

const urlOf = (server: LentServer, path: string): string => {
  const at = server.address();
  if (at === null || typeof at === 'string') return path;
  const { address, port, family } = at as AddressInfo;
  const host = family === 'IPv6' ? `[${address}]` : address;
  return `${server instanceof TlsServer ? 'https' : 'http'}://${host}:${port}${path}`;
};

const unavailable = (response: ServerResponse): void => {
  response.writeHead(503, { 'content-type': problemType, 'retry-after': '1', connection: 'close' });
  response.end(JSON.stringify(problemOf(new ContrailError('restarting', 'The server is restarting.'), '/')));
};

const offerHeaders: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/** A header as it is without the offer; `null` for none. */
const withoutOffer = (name: string, value: string): string | null => {
  const lower = name.toLowerCase();
  if (offerHeaders.has(lower)) return null;
  if (lower !== 'connection') return value;
  const left = value.split(',').filter((option) => !offerHeaders.has(option.trim().toLowerCase()));
  return left.length > 0 ? left.join(',') : null;
};

/**
 * An upgrade that nobody else listens for. Before we came, the server read it as a plain request, as HTTP allows; it does so again when the
 * request comes a second time without the offer to upgrade.
 */
const giveBack = (server: LentServer, request: IncomingMessage, stream: unknown, head: unknown): true => {
  const socket = stream as Socket;
  const { method, url, httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = withoutOffer(name, rawHeaders[at + 1] ?? '');
    if (value !== null) text += `${name}: ${value}\r\n`;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head as Buffer]));
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', socket);
  return true;
};
