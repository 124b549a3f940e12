// Stripping: a client's whole state, with every shared type of Yjs and channels in between, gives the document and nothing else.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { checkUpdate } from '../../src/crdt/gate.js';
import { Overlay } from '../../src/crdt/overlay.js';
import { syncUpdateLimits } from '../../src/crdt/update-limits.js';
import { parseUpdate } from '../../src/crdt/update-parser.js';
import { userIdOf } from '../support/document-log.js';
import { chooseSeed, seededRandom } from '../support/seed.js';
import { board, inbox, Stage } from './channel-stage.js';
import { dumpDocument } from './document-dump.js';
import { Editor, type Numbers } from './random-edits.js';

const numbers: fc.Arbitrary<Numbers> = fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999));
const limits = { ...syncUpdateLimits, repairOrigins: true };
const seed = chooseSeed();

test('documents with all types come out of a state with channels unharmed, for every state the room may be in', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-strip-'));
  const stage = await Stage.open(dataDir, { random: seededRandom(seed) });
  try {
    const views = [board('main'), board('tour'), inbox('alice'), inbox('bob')];
    for (let count = 0; count < 60; count += 1) {
      const view = views[count % views.length] ?? board('main');
      await stage.change(view, { key: `K-${count % 9}`, fields: count % 7 === 0 ? null : { gate: `G${count}` } });
    }
    const everybody = await Promise.all(
      ['alice', 'bob'].map((user) =>
        stage.enter(user, { channels: ['flights', 'flights:tour', 'notifications'] }).join(),
      ),
    );
    const laidOver = everybody.map(({ doc }) => Y.encodeStateAsUpdate(doc));
    await stage.views.rotate(board('main'));
    await stage.settle();
    laidOver.push(...everybody.map(({ doc }) => Y.encodeStateAsUpdate(doc)));
    const overlay = new Overlay({
      views: stage.views,
      clients: stage.clients,
      userId: userIdOf('alice'),
      positions: null,
    });

    let compared = 0;
    fc.assert(
      fc.property(
        fc.array(numbers, { maxLength: 40 }),
        fc.nat(40),
        fc.nat(laidOver.length - 1),
        fc.boolean(),
        (edits, known, which, midway) => {
          const editor = new Editor(77);
          const room = new Y.Doc();
          const alone = new Y.Doc();
          editor.doc.on('update', (update: Uint8Array, origin: unknown) => {
            if (origin !== 'channels') Y.applyUpdate(alone, update);
          });
          for (const [index, edit] of edits.entries()) {
            if (index === known) {
              Y.applyUpdate(room, Y.encodeStateAsUpdate(alone));
              if (midway) Y.applyUpdate(editor.doc, laidOver[which] ?? new Uint8Array(), 'channels');
            }
            editor.edit(edit);
          }
          Y.applyUpdate(editor.doc, laidOver[which] ?? new Uint8Array(), 'channels');
          const state = Y.encodeStateAsUpdate(editor.doc, Y.encodeStateVector(room));
          const { update } = overlay.strip(parseUpdate(state, limits), room, {
            isSync: true,
            ownClient: 77,
            limits,
          });
          const verdict = checkUpdate(room, update, limits);
          assert.is(verdict.kind, 'accepted');
          if (verdict.kind !== 'accepted' || verdict.repaired) return;
          Y.applyUpdate(room, update.bytes);
          assert.is(dumpDocument(room), dumpDocument(alone));
          compared += 1;
        },
      ),
      { seed, numRuns: 300 },
    );
    assert.ok(compared > 200, `${compared} compared`);
  } finally {
    await stage.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test.run();
