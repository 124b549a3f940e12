// Traffic recorded from real editors (test/fixtures/README.md) passes the gate: in order, out of order once what was missing is in, and
// as the step2 of somebody who comes back.

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { liveUpdateLimits, syncUpdateLimits as strictSyncLimits } from '../../src/crdt/update-limits.js';
import { assertReplays, dumpDocument } from './document-dump.js';
import { GatedDocument } from './gated-document.js';
import { seededRandom } from './random-edits.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const folder = 'test/fixtures/recorded';

interface Recording {
  readonly name: string;
  readonly events: readonly (readonly [person: number, kind: 'update' | 'step2', update: string])[];
}

const readRecording = (file: string): Recording =>
  JSON.parse(gunzipSync(readFileSync(`${folder}/${file}`)).toString()) as Recording;
const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));
const syncUpdateLimits = { ...strictSyncLimits, repairOrigins: true };
const limitsOf = (kind: string) => (kind === 'step2' ? syncUpdateLimits : { ...liveUpdateLimits, repairOrigins: true });

/** The same updates without a gate. */
const withoutGate = (updates: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
};

const files = readdirSync(folder).filter((file) => file.endsWith('.json.gz'));
assert.is(files.length, 5, 'recordings are missing');

for (const file of files) {
  const { name, events } = readRecording(file);
  const updates = events.map(([, , update]) => bytesOf(update));

  test(`${name}: ${events.length} recorded updates are accepted in order, and replay`, () => {
    const server = new GatedDocument();
    for (const [index, [, kind]] of events.entries()) {
      const outcome = server.offer(updates[index] ?? new Uint8Array(), limitsOf(kind));
      assert.is(outcome.kind, 'accepted', `update ${index}: ${outcome.rule} ${outcome.detail}`);
    }
    if (server.repaired > 0) console.log(`  ${name}: ${server.repaired} updates repaired`);
    else assert.is(dumpDocument(server.doc), dumpDocument(withoutGate(updates)));
    assertReplays(server.doc, server.deltas);
  });

  test(`${name}: out of order they wait until what they need is there, and are never refused (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const server = new GatedDocument();
    let early = 0;
    let waiting: Uint8Array[] = [];
    for (let from = 0; from < updates.length; from += 20) {
      const window = updates.slice(from, from + 20).map((update) => ({ update, place: random() }));
      window.sort((one, other) => one.place - other.place);
      for (const { update } of window) {
        waiting.push(update);
        for (let progress = true; progress; ) {
          const before = waiting.length;
          waiting = waiting.filter((each) => {
            const { kind, rule } = server.offer(each, syncUpdateLimits);
            assert.is.not(kind, 'refused', rule);
            return kind === 'not-ready';
          });
          early += waiting.length;
          progress = waiting.length < before && waiting.length > 0;
        }
      }
    }
    assert.is(waiting.length, 0);
    assert.ok(early > 0, 'nothing ever waited');
    assert.is(dumpDocument(server.doc), dumpDocument(withoutGate(updates)));
  });

  test(`${name}: somebody who edited offline brings everything in one step2`, () => {
    for (const share of [0, 0.9]) {
      const server = new GatedDocument();
      const known = Math.floor(updates.length * share);
      for (const update of updates.slice(0, known)) assert.is(server.offer(update, syncUpdateLimits).kind, 'accepted');
      const own = withoutGate(updates);
      const diff = Y.encodeStateAsUpdate(own, Y.encodeStateVector(server.doc));
      assert.is(server.offer(diff, syncUpdateLimits).kind, 'accepted');
      assert.is(server.offer(Y.encodeStateAsUpdate(own), syncUpdateLimits).kind, 'accepted');
      assert.is(dumpDocument(server.doc), dumpDocument(own));
    }
  });
}

test.run();
