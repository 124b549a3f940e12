// What a view document shows, through any order of drafts, commits, failed commits, rotations and restarts: always exactly what is durable, in
// the very items that Yjs would have made of the same changes.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { type ShownUpdate, ViewDocument } from '../../src/crdt/view-document.js';
import { dueCheckpoints } from '../../src/crdt/view-drafts.js';
import { storedContent } from '../../src/crdt/view-loading.js';
import type { Json } from '../../src/model/json.js';
import { type Dice, dice, seedOr } from '../support/random.js';
import { board, inbox } from './channel-stage.js';
import { documentOf, patchDocument } from './yjs-view.js';

const root = 'flights';

/** What is durable, as bytes and as Yjs writes it, and what is under way. */
interface Version {
  readonly state: Uint8Array;
  readonly client: number | null;
}

const values: readonly Json[] = [
  ...[null, true, -1.5, 2 ** 40, 'é\u{1F6EB}', 'x'.repeat(200), ''],
  ...[[1, ['a', null]], { a: { b: [] } }],
];

const randomFields = ({ below, chance, pick }: Dice): { [field: string]: Json | undefined } =>
  Object.fromEntries(Array.from({ length: below(5) }, () => [`f${below(6)}`, chance(0.15) ? undefined : pick(values)]));

/** Twice, as Yjs joins what is gone only where it reads it at once. */
const stateOf = (...updates: readonly Uint8Array[]): Uint8Array =>
  Y.encodeStateAsUpdate(documentOf(Y.encodeStateAsUpdate(documentOf(...updates))));

/** The same document after the patches that Yjs itself carries out, under the client id it is written under. */
const after = ({ state }: Version, client: number, change: (doc: Y.Doc) => void): Version => {
  const doc = documentOf(state);
  doc.clientID = client;
  change(doc);
  return { state: stateOf(Y.encodeStateAsUpdate(doc)), client };
};

const entriesOf = (...updates: readonly Uint8Array[]) =>
  documentOf(...updates)
    .getMap(root)
    .toJSON();

const first = seedOr(1);
for (let seed = first; seed < first + 60; seed += 1)
  test(`what is shown is what is durable, in the items that Yjs makes of it (seed ${seed})`, () => {
    const { random, below, chance, pick } = dice(seed);
    let view = new ViewDocument(board('main'), { content: null, floor: 0, head: 0 });
    let shown: Version = { state: Y.encodeStateAsUpdate(new Y.Doc()), client: null };
    let underWay: Version[] = [];
    // Gets what subscribers get, from the beginning on.
    const viewer = new Y.Doc();
    let [looks, ahead, restarts] = [0, 0, 0];
    const pasts: Version[] = [shown];
    const newest = (): Version => underWay.at(-1) ?? shown;
    const receive = ({ update, ranges }: ShownUpdate): void => {
      const { from, to } = Y.parseUpdateMeta(update);
      const told = new Map(ranges.filter(({ clock, end }) => end > clock).map((range) => [range.client, range]));
      assert.equal([...told.keys()].sort(), [...from.keys()].sort());
      for (const [client, { clock, end }] of told) assert.equal([from.get(client), to.get(client)], [clock, end]);
      Y.applyUpdate(viewer, update);
    };
    const reveal = (version: Version): void => {
      shown = version;
      pasts.push(version);
      receive(view.reveal());
    };
    const look = (): void => {
      const { state, client } = shown;
      const clock = client === null ? 0 : Y.getState(documentOf(state).store, client);
      assert.equal([view.client, view.clock, view.shown.length], [client, clock, clock]);
      assert.equal(stateOf(view.part(0).update), state);
      const past = pick(pasts);
      if (past.client === client) {
        const known = client === null ? 0 : Y.getState(documentOf(past.state).store, client);
        assert.equal(stateOf(past.state, view.part(known).update), state);
      }
      assert.equal(viewer.getMap(root).toJSON(), entriesOf(state));
      assert.equal([viewer.store.pendingStructs, viewer.store.pendingDs], [null, null]);
      assert.equal(stateOf(view.draftState()), newest().state);
      assert.is(view.isEmpty, Object.keys(entriesOf(newest().state)).length === 0);
      looks += 1;
      if (underWay.length > 0) ahead += 1;
    };
    for (let step = 0; step < 300; step += 1) {
      const turn = random();
      if (turn < 0.5) {
        const client = view.draftClient ?? 1 + below(1_000);
        const patches = Array.from({ length: 1 + below(3) }, () => ({
          key: `FL-${below(12)}`,
          fields: chance(0.2) ? null : randomFields({ random, below, chance, pick }),
        }));
        const highest = chance(0.3) ? 6 : undefined;
        const before = newest();
        const version = after(before, client, (doc) => patchDocument(doc, root, patches, highest));
        if (view.draft(client, patches, highest)) underWay.push(version);
        else assert.equal(version.state, before.state);
      } else if (turn < 0.8) {
        for (const version of underWay.splice(0, 1 + below(3))) reveal(version);
      } else if (turn < 0.86) {
        underWay = [];
        view.resetDraft();
      } else if (turn < 0.9 && view.draftClient !== null) {
        const client = view.floor + 1 + below(1_000);
        const content = entriesOf(newest().state);
        const version = { state: stateOf(view.draftRotation(client)), client };
        assert.equal(entriesOf(version.state), content);
        underWay.push(version);
      } else if (turn < 0.92) {
        // A restart: what was under way is lost, or was durable already.
        if (chance(0.5)) shown = newest();
        underWay = [];
        const { state, client } = shown;
        const content = client === null ? null : storedContent(documentOf(state), { root, client });
        assert.is(content === null, client === null);
        const stored = { content, floor: 0, head: view.head };
        receive(view.replace(stored));
        if (chance(0.5)) view = new ViewDocument(board('main'), stored);
        restarts += 1;
      } else look();
    }
    for (const version of underWay.splice(0)) reveal(version);
    look();
    assert.ok(looks > 10 && ahead > 1 && restarts > 0, `${looks} looks, ${ahead} of them ahead, ${restarts} restarts`);
  });

test('views that show the same changes take turns at being due for a checkpoint and at being worn', () => {
  const views = Array.from(
    { length: 32 },
    (_, index) =>
      [1000 + index * 14, new ViewDocument(inbox(`user-${index}`), { content: null, floor: 0, head: 0 })] as const,
  );
  const due: number[] = [];
  const worn: number[] = [];
  let underWay = views.length;
  for (let change = 0; underWay > 0; change += 1) {
    const fields = { title: 'x'.repeat(400), gate: `${change}`, readAt: null };
    const drafts = views.flatMap(([client, view]) => {
      const payload = view.isWorn ? null : view.draft(client, [{ key: `N-${1e6 + change}`, fields }], 100);
      return payload ? [{ view, payload, isRotation: false }] : [];
    });
    if (change < 200) due.push(dueCheckpoints([{ events: [], drafted: drafts }], 0).length);
    underWay = 0;
    let newlyWorn = 0;
    for (const { view } of drafts) {
      view.reveal();
      if (view.isWorn) newlyWorn += 1;
      else underWay += 1;
    }
    worn.push(newlyWorn);
  }
  // Nothing is checkpointed here, so who was due stays due.
  const newlyDue = due.map((count, index) => count - (due[index - 1] ?? 0));
  assert.is(
    newlyDue.reduce((sum, count) => sum + count, 0),
    32,
  );
  assert.is(
    worn.reduce((sum, count) => sum + count, 0),
    32,
  );
  assert.ok(Math.max(...newlyDue) <= 4, `${Math.max(...newlyDue)} due at once`);
  assert.ok(Math.max(...worn) <= 4, `${Math.max(...worn)} worn at once`);
});

test('content that no view document ever had is not taken for one', () => {
  const doc = new Y.Doc();
  doc.clientID = 7;
  doc.getMap(root).set('FL-1', new Y.Array());
  assert.is(storedContent(doc, { root, client: 7 }), null);
  const other = new Y.Doc();
  other.clientID = 7;
  other.getText('text').insert(0, 'abc');
  assert.is(storedContent(other, { root, client: 7 }), null);
});

test.run();
