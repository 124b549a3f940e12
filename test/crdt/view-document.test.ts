// What a view document shows, through any order of drafts, commits, failed commits and rotations: always exactly what is durable.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { ViewDocument } from '../../src/crdt/view-document.js';
import { seedOr } from '../support/random.js';
import { seededRandom, wholeBelow } from '../support/seed.js';
import { board } from './channel-stage.js';

interface Draft {
  readonly payload: Uint8Array;
  readonly client: number;
  readonly isRotation: boolean;
}

const documentOf = (...updates: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
};
const entriesOf = (doc: Y.Doc) => doc.getMap('flights').toJSON();

const first = seedOr(1);
for (let seed = first; seed < first + 40; seed += 1)
  test(`what is shown is what is durable, whatever is under way (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const view = new ViewDocument(board('main'), { doc: new Y.Doc(), client: null, floor: 0, head: 0 });
    // The mirror has what was made durable and nothing else; the viewer gets what subscribers get.
    let mirror = new Y.Doc();
    let client: number | null = null;
    const viewer = new Y.Doc();
    let underWay: Draft[] = [];
    let [looks, ahead] = [0, 0];
    const reveal = (draft: Draft): void => {
      const stored = { doc: documentOf(draft.payload), client: draft.client, floor: 0, head: view.head + 1 };
      const { update } = draft.isRotation ? view.replace(stored) : view.reveal(draft.payload, draft.client);
      mirror = draft.isRotation ? documentOf(draft.payload) : documentOf(Y.encodeStateAsUpdate(mirror), draft.payload);
      client = draft.client;
      Y.applyUpdate(viewer, update);
    };
    const look = (): void => {
      const clock = client === null ? 0 : Y.getState(mirror.store, client);
      const expected = entriesOf(mirror);
      assert.is(view.client, client);
      assert.is(view.clock, clock);
      assert.equal(entriesOf(view.shown), expected);
      assert.equal(entriesOf(documentOf(view.part(0).update)), expected);
      const known = wholeBelow(random, clock + 1);
      assert.equal(entriesOf(documentOf(Y.encodeStateAsUpdate(mirror), view.part(known).update)), expected);
      assert.equal(entriesOf(viewer), expected);
      assert.is(viewer.store.pendingStructs, null);
      looks += 1;
      if (underWay.length > 0) ahead += 1;
    };
    for (let step = 0; step < 300; step += 1) {
      const chance = random();
      if (chance < 0.45) {
        if (view.draftClient === null) view.begin(1 + wholeBelow(random, 1_000));
        const fields = random() < 0.2 ? null : { gate: `${step}`, note: 'x'.repeat(wholeBelow(random, 2_000)) };
        const highest = random() < 0.5 ? 6 : undefined;
        const payload = view.draft([{ key: `FL-${wholeBelow(random, 12)}`, fields }], highest);
        if (payload) underWay.push({ payload, client: view.draftClient ?? 0, isRotation: false });
      } else if (chance < 0.8) {
        for (let count = 1 + wholeBelow(random, 3); count > 0; count -= 1) {
          const draft = underWay.shift();
          if (draft) reveal(draft);
        }
      } else if (chance < 0.86) {
        underWay = [];
        view.resetDraft();
      } else if (chance < 0.92 && view.draftClient !== null) {
        const next = view.floor + 1 + wholeBelow(random, 1_000);
        underWay.push({ payload: view.draftRotation(next), client: next, isRotation: true });
      } else look();
    }
    for (const draft of underWay.splice(0)) reveal(draft);
    look();
    assert.ok(looks > 10 && ahead > 3, `${looks} looks, ${ahead} of them while something was under way`);
    view.destroy();
  });

test.run();
