// The WebSocket side's door: which upgrades become connections, and which connections find a room.
// Guards are cheapest first, and nothing is allocated before the last of them. Handshakes are completed and *then* closed with a code,
// because a browser cannot see why an upgrade was refused and would retry for ever (docs/wire.md, "Connecting").

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { isChannelName } from '../crdt/channels.js';
import type { ControlHandler } from '../crdt/control-request.js';
import type { Documents } from '../crdt/documents.js';
import { maxChannels, type Overlay } from '../crdt/overlay.js';
import type { Rooms } from '../crdt/rooms.js';
import { Session } from '../crdt/session.js';
import type { SessionLimits } from '../crdt/session-options.js';
import type { Trial } from '../crdt/trial.js';
import type { Actor } from '../model/actor.js';
import { asContrailError, ContrailError } from '../model/errors.js';
import { type DocumentId, parseDocumentId, type UserId } from '../model/ids.js';
import type { Role } from '../model/roles.js';
import type { Clock } from '../model/time.js';
import { Connection, type ConnectionLimits } from './connection.js';
import { FrameRate } from './frame-rate.js';
import { isAllowedOrigin } from './origin.js';
import { packBinary } from './packet.js';
import type { Traffic, UpgradeRefusal } from './traffic.js';

export interface GatewayOptions {
  readonly rooms: Rooms;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly control: ControlHandler;
  readonly trial: Trial;
  /** An overlay for a person's channels. */
  readonly overlay: (userId: UserId) => Overlay;
  /** Told of everybody who may enter, before their channels are opened. */
  readonly entering: (userId: UserId) => Promise<void>;
  /** Who a handshake comes from. Throws what the connection is to be closed with. */
  readonly authenticate: (
    request: IncomingMessage,
    given: { readonly parameters: URLSearchParams; readonly address: string },
  ) => Promise<Actor> | Actor;
  /** Whose a handshake is, whatever proxies it came through. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly allowedOrigins: readonly string[];
  readonly autoCreate: boolean;
  readonly defaultChannels: readonly string[];
  readonly sessionLimits: SessionLimits;
  readonly connectionLimits: ConnectionLimits;
  readonly traffic: Traffic;
  readonly maxFrameBytes: number;
  readonly framesPerSecond: number;
  readonly framesBurst: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerRoom: number;
  /** Whether an address may open one more connection now. */
  readonly mayConnect: (address: string) => boolean;
  readonly onOpened: (opened: Visit) => void;
  readonly onClosed: (closed: Visit, error: ContrailError) => void;
}

/** Who came where, as far as is known: what log lines say of a connection. */
export interface Visit {
  readonly address: string;
  readonly document?: DocumentId;
  readonly user?: UserId;
  readonly role?: Role;
}

interface Handshake {
  readonly request: IncomingMessage;
  readonly address: string;
  readonly path: string;
  readonly parameters: URLSearchParams;
  /** Adds to what is known of the visit. */
  readonly noted: (known: Omit<Visit, 'address'>) => Visit;
}

const beatMs = 1_000;
const stopGraceMs = 2_000;

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #connections = new Set<Connection>();
  readonly #wss: WebSocketServer;
  #cancelBeat: () => void;
  #stopping = false;
  #emptied: (() => void) | null = null;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#wss = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.maxFrameBytes,
      handleProtocols: (protocols) => (protocols.has('contrail') ? 'contrail' : false),
    });
    this.#cancelBeat = options.clock.after(beatMs, () => this.#beat());
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** Takes an HTTP upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (this.#stopping || this.#connections.size >= this.#options.maxConnections)
      return this.#refuse(socket, 'full', '503 Service Unavailable');
    const address = this.#options.addressOf(request);
    if (!this.#options.mayConnect(address)) return this.#refuse(socket, 'rate-limited', '429 Too Many Requests');
    if (!isAllowedOrigin(request.headers.origin, request.headers.host, this.#options.allowedOrigins))
      return this.#refuse(socket, 'origin', '403 Forbidden');
    this.#wss.handleUpgrade(request, socket, head, (ws) => this.#accept(ws, socket, { request, address }));
  }

  #refuse(socket: Duplex, why: UpgradeRefusal, status: string): void {
    this.#options.traffic.refuse(why);
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  /** Closes every connection with `restarting` and waits until they are gone, or the grace is over. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelBeat();
    for (const connection of this.#connections)
      connection.close(new ContrailError('restarting', 'the server is restarting'));
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      this.#options.clock.after(stopGraceMs, resolve);
    });
    for (const connection of this.#connections) connection.terminate();
  }

  #accept(ws: WebSocket, socket: Duplex, { request, address }: Pick<Handshake, 'request' | 'address'>): void {
    const { clock, connectionLimits, framesPerSecond, framesBurst, traffic } = this.#options;
    let visit: Visit = { address };
    const connection = new Connection(ws, socket, {
      limits: connectionLimits,
      traffic,
      rate: new FrameRate(framesPerSecond, framesBurst, clock.now()),
      now: () => clock.now(),
      gone: (gone, error) => {
        this.#connections.delete(gone);
        traffic.close(error);
        if (error) this.#options.onClosed(visit, error);
        if (this.#connections.size === 0) this.#emptied?.();
      },
    });
    this.#connections.add(connection);
    traffic.opened += 1;
    const url = request.url ?? '/';
    const cut = url.indexOf('?');
    const parameters = new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1));
    const noted = (known: Omit<Visit, 'address'>) => {
      visit = { ...visit, ...known };
      return visit;
    };
    this.#enter(connection, { request, address, path: cut < 0 ? url : url.slice(0, cut), parameters, noted }).catch(
      (error: unknown) => connection.close(asContrailError(error)),
    );
  }

  async #enter(connection: Connection, { request, address, path, parameters, noted }: Handshake): Promise<void> {
    const { documents, rooms, autoCreate, maxConnectionsPerRoom, sessionLimits, control, trial, clock } = this.#options;
    const id = documentIdOfPath(path);
    const channels = channelsOf(parameters.get('channels'), this.#options.defaultChannels);
    const actor = await this.#options.authenticate(request, { parameters, address });
    noted({ document: id, user: actor.userId });
    await documents.enter(id, actor, autoCreate);
    const [room] = await Promise.all([rooms.open(id), this.#options.entering(actor.userId)]);
    await documents.refresh(id, actor);
    if (connection.state !== 'opening') return;
    // Asked again: it may have changed while the document was loaded.
    const { role } = documents.admit(id, actor);
    if (room.closed) throw room.closed;
    if (room.sessions.size >= maxConnectionsPerRoom)
      throw new ContrailError('overloaded', 'too many connections to this document');
    const overlay = this.#options.overlay(actor.userId);
    const options = {
      actor,
      role,
      overlay,
      outlet: connection,
      pack: packBinary,
      limits: sessionLimits,
      control,
      trial,
      now: () => clock.now(),
    };
    const session = new Session(room, options);
    this.#options.onOpened(noted({ role }));
    try {
      await Promise.all(channels.map((name) => overlay.subscribe(name, session)));
      if (connection.state === 'opening') connection.open(session);
    } finally {
      if (connection.session !== session) session.leave();
    }
  }

  #beat(): void {
    const now = this.#options.clock.now();
    for (const connection of this.#connections) connection.beat(now);
    this.#cancelBeat = this.#options.clock.after(beatMs, () => this.#beat());
  }
}

/** The path without its slash, percent-decoded once. Throws `malformed`. */
const documentIdOfPath = (path: string): DocumentId => {
  let text: string;
  try {
    text = decodeURIComponent(path.slice(1));
  } catch (cause) {
    throw new ContrailError('malformed', 'the document id is not percent-encoded properly', { cause });
  }
  const id = parseDocumentId(text);
  if (!id)
    throw new ContrailError('malformed', 'the document id may hold A-Z a-z 0-9 . _ ~ : @ / - and 128 characters');
  return id;
};

/** The channels asked for; the default without a parameter, none for `none`. Throws `malformed`. */
const channelsOf = (parameter: string | null, byDefault: readonly string[]): readonly string[] => {
  if (parameter === null) return byDefault;
  if (parameter === 'none') return [];
  const channels = [...new Set(parameter.split(','))];
  if (!channels.every(isChannelName) || channels.length > maxChannels) {
    throw new ContrailError('malformed', 'channels are flights, flights:<board>, notifications, positions or none');
  }
  return channels;
};
