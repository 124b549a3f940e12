// Fewer and larger updates for replay: most events of a history continue what the same client typed last, or delete and do nothing else.
// Such runs are joined into one update each, byte by byte, because what Yjs does with one more character costs far less than what it does for one
// more update. Everything else is passed on as it is.
//
// ### Why this gives the same document
// A piece of text whose origin is the last clock of the piece before it, with the same right origin, goes right behind that piece, as nothing
// came in between; Yjs makes one item of the two when their transaction ends. Deletes are a set, whatever their order.
// Only neighbours in the log are joined.

import { type LoggedEvent, updateKinds } from '../model/events.js';
import { utf16Length } from './strict-reader.js';
import { encodeVarUints } from './var-uint.js';

type Replayed = Pick<LoggedEvent, 'seq' | 'kind' | 'payload'>;

export interface JoinedUpdate {
  /** Of the first event in it. */
  readonly seq: number;
  readonly update: Uint8Array;
}

/** A piece of text behind an origin, alone in its update: where its parts lie, and what the next one must say to continue it. */
interface Piece {
  readonly client: number;
  readonly clock: number;
  readonly end: number;
  readonly originClient: number;
  readonly originClock: number;
  readonly rightClient: number;
  readonly rightClock: number;
  /** Where the length of the text stands, and where the text begins; it ends one byte before the update does. */
  readonly lengthFrom: number;
  readonly textFrom: number;
}

/** The updates of `events` in order, runs of them joined; events of other kinds are passed over. */
export function* joinedUpdates(events: Iterable<Replayed>): Generator<JoinedUpdate> {
  let run: Run | null = null;
  for (const { seq, kind, payload } of events) {
    if (payload === null || !updateKinds.has(kind)) continue;
    if (run?.take(payload)) continue;
    if (run) yield run.joined();
    run = beginRun(seq, payload);
    if (run === null) yield { seq, update: payload };
  }
  if (run) yield run.joined();
}

interface Run {
  /** Whether the update continues the run; it is then part of it. */
  take(update: Uint8Array): boolean;
  joined(): JoinedUpdate;
}

const beginRun = (seq: number, update: Uint8Array): Run | null => {
  if (deletesAlone(update)) return new DeleteRun(seq, update);
  const piece = readPiece(update);
  return piece && new TextRun(seq, update, piece);
};

class TextRun implements Run {
  readonly #seq: number;
  readonly #first: Uint8Array;
  readonly #firstPiece: Piece;
  readonly #texts: Uint8Array[] = [];
  #textBytes: number;
  #end: number;

  constructor(seq: number, update: Uint8Array, piece: Piece) {
    this.#seq = seq;
    this.#first = update;
    this.#firstPiece = piece;
    this.#textBytes = update.length - 1 - piece.textFrom;
    this.#end = piece.end;
  }

  take(update: Uint8Array): boolean {
    const piece = readPiece(update);
    const { client, rightClient, rightClock } = this.#firstPiece;
    if (
      piece === null ||
      piece.client !== client ||
      piece.clock !== this.#end ||
      piece.originClient !== client ||
      piece.originClock !== this.#end - 1 ||
      piece.rightClient !== rightClient ||
      piece.rightClock !== rightClock
    )
      return false;
    const text = update.subarray(piece.textFrom, update.length - 1);
    this.#texts.push(text);
    this.#textBytes += text.length;
    this.#end = piece.end;
    return true;
  }

  joined(): JoinedUpdate {
    const [first, seq] = [this.#first, this.#seq];
    if (this.#texts.length === 0) return { seq, update: first };
    const { lengthFrom, textFrom } = this.#firstPiece;
    const length = encodeVarUints([this.#textBytes]);
    const update = new Uint8Array(lengthFrom + length.length + this.#textBytes + 1);
    update.set(first.subarray(0, lengthFrom));
    update.set(length, lengthFrom);
    let at = lengthFrom + length.length;
    for (const text of [first.subarray(textFrom, first.length - 1), ...this.#texts]) {
      update.set(text, at);
      at += text.length;
    }
    return { seq, update };
  }
}

class DeleteRun implements Run {
  readonly #seq: number;
  readonly #updates: Uint8Array[];

  constructor(seq: number, update: Uint8Array) {
    this.#seq = seq;
    this.#updates = [update];
  }

  take(update: Uint8Array): boolean {
    if (!deletesAlone(update)) return false;
    this.#updates.push(update);
    return true;
  }

  joined(): JoinedUpdate {
    const [seq, updates] = [this.#seq, this.#updates];
    const [first] = updates;
    if (first !== undefined && updates.length === 1) return { seq, update: first };
    const count = updates.reduce((sum, update) => sum + (update[1] ?? 0), 0);
    return { seq, update: Buffer.concat([encodeVarUints([0, count]), ...updates.map((update) => update.subarray(2))]) };
  }
}

/** No structs, and deletes of fewer clients than two bytes are needed to count. */
const deletesAlone = (update: Uint8Array): boolean =>
  update[0] === 0 && (update[1] ?? 0) > 0 && (update[1] ?? 0) < 0x80;

const stringBehindOrigin = 0x84;
const hasRightOrigin = 0x40;

/** `null` for any other update. The layout is that of Yjs' V1 encoding: one section, one struct, no deletes. */
const readPiece = (update: Uint8Array): Piece | null => {
  if (update[0] !== 1 || update[1] !== 1 || update.at(-1) !== 0) return null;
  const reader = new VarUints(update, 2);
  const client = reader.next();
  const clock = reader.next();
  const info = update[reader.at] ?? 0;
  reader.at += 1;
  if ((info & ~hasRightOrigin) !== stringBehindOrigin) return null;
  const originClient = reader.next();
  const originClock = reader.next();
  const hasRight = (info & hasRightOrigin) !== 0;
  const rightClient = hasRight ? reader.next() : -1;
  const rightClock = hasRight ? reader.next() : -1;
  const lengthFrom = reader.at;
  const bytes = reader.next();
  const textFrom = reader.at;
  if (textFrom + bytes !== update.length - 1) return null;
  const end = clock + utf16Length(update, textFrom, update.length - 1);
  return { client, clock, end, originClient, originClock, rightClient, rightClock, lengthFrom, textFrom };
};

class VarUints {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  next(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.at] ?? 0;
      this.at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
}
