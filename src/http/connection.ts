// One WebSocket: bytes in, packets out, and its end. What the bytes mean is the session's; whether a connection may exist at all is the gateway's.
//
// opening --(room is open)--> open --(close)--> closing --> gone

import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Outlet, Packet } from '../crdt/outlet.js';
import { emptyAwareness } from '../crdt/protocol.js';
import type { Session } from '../crdt/session.js';
import { asContrailError, ContrailError } from '../model/errors.js';
import type { FrameRate } from './frame-rate.js';
import { packBinary } from './packet.js';
import type { Traffic } from './traffic.js';

export interface ConnectionLimits {
  readonly maxQueuedBytes: number;
  readonly maxStalledBytes: number;
  readonly maxStalledMs: number;
}

export interface ConnectionOptions {
  readonly limits: ConnectionLimits;
  readonly rate: FrameRate;
  readonly traffic: Traffic;
  readonly now: () => number;
  /** Told once, with what ended it; `null` when the client left. */
  readonly gone: (connection: Connection, error: ContrailError | null) => void;
}

/** The stock client hangs up after 30 s without a message. */
const keepAliveMs = 20_000;
const pingMs = 15_000;
const maxMissedPongs = 2;
const closingMs = 3_000;
const maxEarlyFrames = 256;
const maxReasonBytes = 123;
const keepAlive = packBinary(emptyAwareness);

export class Connection implements Outlet {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #options: ConnectionOptions;
  #state: 'opening' | 'open' | 'closing' | 'gone' = 'opening';
  #session: Session | null = null;
  #early: Uint8Array[] = [];
  #error: ContrailError | null = null;
  #behind = false;
  #stalledSince: number | null = null;
  #stalledBytes = 0;
  #sentAt: number;
  #pingedAt: number;
  #missedPongs = 0;
  #closingSince = 0;

  constructor(ws: WebSocket, socket: Duplex, options: ConnectionOptions) {
    this.#ws = ws;
    this.#socket = socket;
    this.#options = options;
    this.#sentAt = this.#pingedAt = options.now();
    ws.on('message', (data: RawData, isBinary: boolean) => {
      try {
        this.#received(data as Buffer, isBinary);
      } catch (error) {
        this.close(asContrailError(error));
      }
    });
    ws.on('pong', () => {
      this.#missedPongs = 0;
    });
    // ws reports protocol errors here and closes by itself (1002, 1007, 1009).
    ws.on('error', (error) => {
      this.#error ??= new ContrailError('malformed', error.message);
    });
    ws.on('close', () => this.#ended());
    socket.on('drain', () => this.#drained());
  }

  get state(): 'opening' | 'open' | 'closing' | 'gone' {
    return this.#state;
  }

  get session(): Session | null {
    return this.#session;
  }

  /** Written to the socket and not taken by the network yet. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Whether live frames are held back from it. */
  get behind(): boolean {
    return this.#behind;
  }

  /** Frames that came before the room was there. */
  get earlyFrames(): number {
    return this.#early.length;
  }

  /** The room is there: frames that came early are handled, later ones at once. */
  open(session: Session): void {
    this.#session = session;
    this.#state = 'open';
    const early = this.#early;
    this.#early = [];
    try {
      for (const frame of early) if (this.#session) session.receive(frame);
    } catch (error) {
      this.close(asContrailError(error));
    }
  }

  send(packet: Packet): void {
    if (this.#state !== 'open') return;
    this.#write(packet);
    if (this.#socket.writableLength > this.#options.limits.maxStalledBytes) {
      this.close(new ContrailError('slow-consumer', 'too much is waiting to be read'));
    }
  }

  offer(packet: Packet): boolean {
    if (this.#state !== 'open') return true;
    if (this.#behind) return false;
    // A socket that owes no `drain` takes any packet: being behind would have no end.
    const { writableNeedDrain, writableLength } = this.#socket;
    if (writableNeedDrain && writableLength + packet.length > this.#options.limits.maxQueuedBytes) {
      this.#behind = true;
      return false;
    }
    this.#write(packet);
    return true;
  }

  close(error: ContrailError): void {
    if (this.#state === 'closing' || this.#state === 'gone') return;
    this.#state = 'closing';
    this.#error = error;
    this.#closingSince = this.#options.now();
    this.#leave();
    this.#ws.close(error.row.close, closeReason(error));
  }

  terminate(): void {
    this.#ws.terminate();
  }

  /** Called every second or so: expired tokens, keep-alive, ping, stalled and dead peers. */
  beat(now: number): void {
    if (this.#state === 'closing') {
      if (now - this.#closingSince >= closingMs) this.#ws.terminate();
      return;
    }
    if (this.#state !== 'open') return;
    try {
      this.#session?.assertCurrent(now);
    } catch (error) {
      return this.close(asContrailError(error));
    }
    if (now - this.#sentAt >= keepAliveMs) this.#write(keepAlive);
    if (now - this.#pingedAt >= pingMs) {
      if (this.#missedPongs >= maxMissedPongs) return this.#ws.terminate();
      this.#missedPongs += 1;
      this.#pingedAt = now;
      this.#ws.ping();
    }
    this.#watchStalling(now);
  }

  #received(data: Buffer, isBinary: boolean): void {
    if (this.#state === 'closing' || this.#state === 'gone') return;
    if (!isBinary) throw new ContrailError('malformed', 'text frames are not part of the protocol');
    const { traffic } = this.#options;
    traffic.framesReceived += 1;
    traffic.bytesReceived += data.length;
    if (!this.#options.rate.take(this.#options.now()))
      throw new ContrailError('rate-limited', 'too many frames a second');
    if (this.#session) {
      this.#session.receive(data);
      return;
    }
    if (this.#early.length >= maxEarlyFrames)
      throw new ContrailError('rate-limited', 'too many frames before the document was open');
    this.#early.push(data);
  }

  #write(packet: Packet): void {
    const { now, traffic } = this.#options;
    this.#sentAt = now();
    traffic.packetsSent += 1;
    traffic.bytesSent += packet.length;
    this.#socket.write(packet);
  }

  #drained(): void {
    this.#stalledSince = null;
    if (!this.#behind) return;
    this.#behind = false;
    if (this.#state === 'open') this.#session?.drained();
  }

  #watchStalling(now: number): void {
    const queued = this.#socket.writableLength;
    if (queued === 0 || this.#stalledSince === null || queued < this.#stalledBytes)
      this.#stalledSince = queued === 0 ? null : now;
    else if (now - this.#stalledSince >= this.#options.limits.maxStalledMs) {
      this.close(new ContrailError('slow-consumer', 'nothing was read for too long'));
    }
    this.#stalledBytes = queued;
  }

  #leave(): void {
    this.#session?.leave();
    this.#session = null;
    this.#early = [];
  }

  #ended(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#leave();
    this.#options.gone(this, this.#error);
  }
}

/** `<code-word>: <sentence>`, at most 123 bytes of UTF-8. */
const closeReason = (error: ContrailError): Buffer => {
  const reason = Buffer.from(`${error.code}: ${error.detail}`);
  if (reason.length <= maxReasonBytes) return reason;
  let end = maxReasonBytes;
  while (end > 0 && ((reason[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return reason.subarray(0, end);
};
