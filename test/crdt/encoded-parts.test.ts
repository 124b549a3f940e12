import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { EncodedParts } from '../../src/crdt/encoded-parts.js';
import type { Part } from '../../src/crdt/update-splice.js';
import { BenchRoom } from '../support/bench-room.js';
import { HeldLog, turn } from '../support/held-log.js';
import { dice, seedOr } from '../support/random.js';
import { randomEdit } from '../support/random-edits.js';

const part = (): Part => ({ update: new Uint8Array(2), deletesAt: 1 });
const [nothing, all, some] = [[0], [1, 7, 9], [1, 7, 4]].map((bytes) => Uint8Array.from(bytes)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

test('those who lack the same of the same document share one encoding of it', () => {
  const parts = new EncodedParts();
  let encoded = 0;
  const ask = (head: number, known: Uint8Array) =>
    parts.of(head, Uint8Array.from(known), () => {
      encoded += 1;
      return part();
    });
  const first = ask(5, nothing);
  assert.is(ask(5, nothing), first);
  assert.is.not(ask(5, all), first);
  for (let round = 0; round < 3; round += 1) for (const known of [nothing, all]) ask(5, known);
  assert.is(encoded, 2);
  ask(5, some);
  assert.is(ask(5, all) && encoded, 3, 'two are kept');
  assert.is.not(ask(6, nothing), first, 'another head');
  assert.is(encoded, 4);
});

test('whoever joins between the edits of others gets all of them, whatever they had before', async () => {
  const seed = seedOr(77);
  const throws = dice(seed);
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const settle = async () => {
    await turn();
    while (log.held.length > 0) {
      log.commit();
      await turn();
    }
  };
  const alice = bench.enter('alice');
  alice.join();
  await settle();
  alice.read();
  const earlier: Uint8Array[] = [Y.encodeStateAsUpdate(new Y.Doc())];
  for (let round = 0; round < 60; round += 1) {
    if (throws.chance(0.5)) {
      randomEdit(alice.doc, 'a', throws);
      alice.flush();
      if (throws.chance(0.7)) await settle();
    }
    const known = throws.pick(earlier);
    const joining = Array.from({ length: 1 + throws.below(3) }, (_, index) => bench.enter(`guest-${round}-${index}`));
    for (const guest of joining) {
      Y.applyUpdate(guest.doc, known, 'server');
      guest.join();
    }
    await settle();
    for (const guest of joining) {
      guest.read();
      assert.equal(Y.encodeStateAsUpdate(guest.doc), Y.encodeStateAsUpdate(alice.doc), `SEED=${seed} round ${round}`);
      guest.session?.leave();
    }
    if (throws.chance(0.3)) earlier.push(Y.encodeStateAsUpdate(alice.doc));
  }
});

test.run();
