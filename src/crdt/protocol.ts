// The frames of the wire (docs/wire.md, "Frames"): decoding what clients send, strictly, and encoding what the server sends.
// Pure and total: `decodeFrame` answers a frame or throws `malformed`. What a frame means is decided elsewhere, and an update's
// bytes are only cut out here: update-parser.ts and gate.ts look inside.

import { type ReadRule, StrictReader } from './strict-reader.js';
import { varUintSize, writeVarUint } from './var-uint.js';

/** Client id to the clock the peer expects next. */
export type StateVector = ReadonlyMap<number, number>;

export interface AwarenessEntry {
  readonly client: number;
  readonly clock: number;
  /** JSON as sent; `null` removes the client. */
  readonly state: string;
}

export type Frame =
  | { readonly type: 'step1'; readonly stateVector: StateVector }
  /** `update` is a view of the frame's own bytes. */
  | { readonly type: 'step2' | 'update'; readonly update: Uint8Array }
  | { readonly type: 'awareness'; readonly entries: readonly AwarenessEntry[] }
  | { readonly type: 'query-awareness' }
  | { readonly type: 'control'; readonly text: string };

export interface ProtocolLimits {
  readonly stateVectorEntries: number;
  readonly awarenessEntries: number;
  /** Of one client's state: bytes of UTF-8, and how deep arrays and objects may nest. */
  readonly awarenessBytes: number;
  readonly awarenessDepth: number;
  readonly controlBytes: number;
}

export const defaultProtocolLimits: ProtocolLimits = {
  stateVectorEntries: 100_000,
  awarenessEntries: 1_000,
  awarenessBytes: 8 * 1024,
  awarenessDepth: 16,
  controlBytes: 64 * 1024,
};

export type ProtocolRule = ReadRule | 'unknown-type' | 'too-many' | 'too-large' | 'duplicate-client';

const sync = 0;
const awareness = 1;
const auth = 2;
const queryAwareness = 3;
const control = 64;
const clientLimit = 2 ** 32;
/** Client ids of awareness may be beyond those of documents: the stock client sends back what it was told of aircraft. */
const awarenessClientLimit = Number.MAX_SAFE_INTEGER;
const clockLimit = 2 ** 31;

type Reader = StrictReader<ProtocolRule>;

/** Throws ContrailError `malformed`, whose detail names what is wrong and whose `extra.rule` is a ProtocolRule. */
export const decodeFrame = (bytes: Uint8Array, limits: ProtocolLimits): Frame => {
  const reader: Reader = new StrictReader<ProtocolRule>(bytes, 'malformed');
  const frame = readFrame(reader, limits);
  reader.finish();
  return frame;
};

const readFrame = (reader: Reader, limits: ProtocolLimits): Frame => {
  const type = reader.varUint(clientLimit);
  switch (type) {
    case sync:
      return readSync(reader, limits);
    case awareness:
      return { type: 'awareness', entries: readAwareness(reader, limits) };
    case queryAwareness:
      return { type: 'query-awareness' };
    case control:
      return { type: 'control', text: readControl(reader, limits) };
    case auth:
      return reader.fail('unknown-type', 'Auth frames are sent by the server alone.');
    default:
      return reader.fail('unknown-type', `There is no frame of type ${type}.`);
  }
};

const readSync = (reader: Reader, limits: ProtocolLimits): Frame => {
  const step = reader.varUint(clientLimit);
  if (step === 1) return { type: 'step2', update: reader.block() };
  if (step === 2) return { type: 'update', update: reader.block() };
  if (step !== 0) return reader.fail('unknown-type', `There is no sync message ${step}.`);
  const stateVector = readStateVector(new StrictReader<ProtocolRule>(reader.block(), 'malformed'), limits);
  return { type: 'step1', stateVector };
};

const readStateVector = (reader: Reader, limits: ProtocolLimits): StateVector => {
  const count = reader.count(2);
  if (count > limits.stateVectorEntries) reader.fail('too-many', `A state vector has ${count} entries.`);
  const stateVector = new Map<number, number>();
  for (let index = 0; index < count; index += 1) {
    stateVector.set(reader.varUint(clientLimit), reader.varUint(clockLimit));
  }
  if (stateVector.size !== count) reader.fail('duplicate-client', 'A state vector names a client twice.');
  reader.finish();
  return stateVector;
};

const readAwareness = (frame: Reader, limits: ProtocolLimits): readonly AwarenessEntry[] => {
  const reader: Reader = new StrictReader<ProtocolRule>(frame.block(), 'malformed');
  const count = reader.count(4);
  if (count > limits.awarenessEntries) reader.fail('too-many', `An awareness update has ${count} entries.`);
  const entries: AwarenessEntry[] = [];
  for (let index = 0; index < count; index += 1) {
    const client = reader.varUint(awarenessClientLimit);
    const clock = reader.varUint(clockLimit);
    const from = reader.at;
    reader.skipBlock();
    // The length's own bytes are counted too, hence the slack.
    if (reader.at - from > limits.awarenessBytes + 2) {
      reader.fail('too-large', `The awareness state of a client is larger than ${limits.awarenessBytes} bytes.`);
    }
    reader.at = from;
    entries.push({ client, clock, state: reader.json(limits.awarenessDepth) });
  }
  reader.finish();
  return entries;
};

const readControl = (reader: Reader, limits: ProtocolLimits): string => {
  if (reader.end - reader.at > limits.controlBytes + 3) {
    reader.fail('too-large', `A control message is larger than ${limits.controlBytes} bytes.`);
  }
  return reader.string();
};

const encodeSyncHead = (step: number, length: number): Uint8Array => {
  const head = new Uint8Array(2 + varUintSize(length));
  head[0] = sync;
  head[1] = step;
  writeVarUint(head, 2, length);
  return head;
};

const encodeSync = (step: number, payload: Uint8Array): Uint8Array => {
  const head = encodeSyncHead(step, payload.length);
  const frame = new Uint8Array(head.length + payload.length);
  frame.set(head);
  frame.set(payload, head.length);
  return frame;
};

/** Takes an encoded state vector, as `Y.encodeStateVector` makes them. */
export const encodeStep1 = (stateVector: Uint8Array): Uint8Array => encodeSync(0, stateVector);
export const encodeStep2 = (update: Uint8Array): Uint8Array => encodeSync(1, update);
export const encodeUpdate = (update: Uint8Array): Uint8Array => encodeSync(2, update);

const shortHeads = Array.from({ length: 0x80 }, (_, length) => encodeSyncHead(2, length));
/** What precedes an update of so many bytes in its message: for whoever puts the two together in a transport frame. Do not write into it. */
export const updateHead = (length: number): Uint8Array => shortHeads[length] ?? encodeSyncHead(2, length);

export const encodeAwareness = (entries: readonly AwarenessEntry[]): Uint8Array => {
  let size = varUintSize(entries.length);
  const lengths: number[] = [];
  for (const { client, clock, state } of entries) {
    const length = Buffer.byteLength(state);
    lengths.push(length);
    size += varUintSize(client) + varUintSize(clock) + varUintSize(length) + length;
  }
  const frame = Buffer.allocUnsafeSlow(1 + varUintSize(size) + size);
  frame[0] = awareness;
  let at = writeVarUint(frame, writeVarUint(frame, 1, size), entries.length);
  for (const [index, { client, clock, state }] of entries.entries()) {
    at = writeVarUint(frame, writeVarUint(frame, at, client), clock);
    at = writeVarUint(frame, at, lengths[index] ?? 0);
    at += frame.write(state, at);
  }
  return frame;
};

/** Says nothing, and keeps the stock client from hanging up. Shared: do not write into it. */
export const emptyAwareness: Uint8Array = Uint8Array.of(awareness, 1, 0);

const encodeText = (header: readonly number[], text: string): Uint8Array => {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafeSlow(header.length + varUintSize(length) + length);
  frame.set(header);
  frame.write(text, writeVarUint(frame, header.length, length));
  return frame;
};

export const encodePermissionDenied = (reason: string): Uint8Array => encodeText([auth, 0], reason);
export const encodeControl = (json: string): Uint8Array => encodeText([control], json);
