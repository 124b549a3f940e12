// Known poison for Yjs (docs/hostile-input.md), and what the server must do with each on the wire.

import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

export interface Poison {
  readonly effect: string;
  readonly update: Uint8Array;
  /** `waits`: it only refers to what is not there yet, as an honest early edit does, and stays in the connection's own buffer until a step2. */
  readonly outcome: 'refused' | 'waits';
}

export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** The client ids that the table speaks of: alice's and bob's in the document it is tried on. */
export const aliceClient = 5;
export const bobClient = 42;

const build = (write: (encoder: encoding.Encoder) => void): Uint8Array => encoding.encode(write);

/** `count` structs on one map key, all with null origins: quadratic in Yjs. */
export const structsOnOneKey = (count: number): Uint8Array =>
  build((encoder) => {
    for (const number of [1, count, 900, 0]) encoding.writeVarUint(encoder, number);
    for (let index = 0; index < count; index += 1) {
      encoding.writeUint8(encoder, 0x20 | 8); // a key follows; any
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarString(encoder, 'm');
      encoding.writeVarString(encoder, 'k');
      encoding.writeVarUint(encoder, 1);
      encoding.writeAny(encoder, 1);
    }
    encoding.writeVarUint(encoder, 0);
  });

const nestedAny = (depth: number): Uint8Array =>
  build((encoder) => {
    for (const number of [1, 1, 901, 0]) encoding.writeVarUint(encoder, number);
    encoding.writeUint8(encoder, 0x20 | 8);
    encoding.writeVarUint(encoder, 1);
    encoding.writeVarString(encoder, 'm');
    encoding.writeVarString(encoder, 'k');
    encoding.writeVarUint(encoder, 1);
    for (let level = 0; level < depth; level += 1) encoding.writeUint8Array(encoder, Uint8Array.of(0x75, 0x01));
    encoding.writeUint8(encoder, 126); // null
    encoding.writeVarUint(encoder, 0);
  });

const nestedMaps = (depth: number): Uint8Array => {
  const doc = new Y.Doc();
  doc.transact(() => {
    let map = doc.getMap('m') as Y.Map<unknown>;
    for (let level = 0; level < depth; level += 1) map = map.set('k', new Y.Map<unknown>());
  });
  return Y.encodeStateAsUpdate(doc);
};

/** Deletes of clocks that nobody has, one client each. */
const unknownDeletes = (count: number): Uint8Array =>
  build((encoder) => {
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarUint(encoder, count);
    for (let client = 0; client < count; client += 1)
      for (const number of [1_000_000 + client, 1, 0, 1]) encoding.writeVarUint(encoder, number);
  });

const subdocuments = (count: number): Uint8Array => {
  const doc = new Y.Doc();
  doc.getArray('subdocuments').push(Array.from({ length: count }, () => new Y.Doc()));
  return Y.encodeStateAsUpdate(doc);
};

const row = (effect: string, update: Uint8Array, outcome: Poison['outcome'] = 'refused'): Poison => ({
  effect,
  update,
  outcome,
});

export const poison: readonly Poison[] = [
  row('ends the update events of a document', hex('01010300010101740000')),
  row('makes the decoder preallocate 33 million slots', hex('01c094de0f0100')),
  row('skips with flags', hex('01020500040101740268692a0300')),
  row('has an origin in its own future', hex('010209000401017403616161840932016200')),
  row('takes the clocks of bob up to 2^53', hex('01012a0300fcffffffffffff0f00')),
  row('deletes the future', hex('00014d010501'), 'waits'),
  row('leaves a clock gap', hex('0101e8070184e80700017800'), 'waits'),
  row('has a truncated delete set', hex('01014d00040101740568656c6c6f')),
  row('inverts its origins', hex('01010900c4050705060361626300')),
  row('has 64,000 structs on one key', structsOnOneKey(64_000)),
  row('nests a value 8,000 deep', nestedAny(8_000)),
  row('nests maps 5,000 deep', nestedMaps(5_000)),
  row('deletes 100,000 unknown clocks', unknownDeletes(100_000)),
  row('holds 3,000 subdocuments', subdocuments(3_000)),
  row('has bytes after its end', hex('000000')),
  row('is empty', new Uint8Array()),
];
