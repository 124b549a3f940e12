// Changes of a view that many look at share a window; what a view retires does not wait.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { ViewBroadcast } from '../../src/crdt/view-broadcast.js';
import { ViewDocument } from '../../src/crdt/view-document.js';
import { createVirtualClock } from '../support/virtual-clock.js';
import { board } from './channel-stage.js';
import { shownBy } from './yjs-view.js';

/** `sendingMs`: how long the first messages take to send, and the others what the last of these takes. */
const scene = (subscribers: number, sendingMs: readonly number[] = [0]) => {
  const virtual = createVirtualClock(1_000_000);
  let spentMs = 0;
  const clock = { ...virtual, now: () => virtual.now() + spentMs };
  const view = new ViewDocument(board('main'), { content: null, floor: 0, head: 0 });
  const sent: number[] = [];
  const doc = new Y.Doc();
  for (let index = 0; index < subscribers; index += 1)
    view.subscribers.add({
      offer(packet) {
        if (index > 0) return;
        sent.push(clock.now() - 1_000_000);
        spentMs += sendingMs[sent.length - 1] ?? sendingMs.at(-1) ?? 0;
        Y.applyUpdate(doc, packet.subarray(2 + (packet.length - 3 >= 0x80 ? 2 : 1)));
      },
    });
  const broadcast = new ViewBroadcast(clock, (message) => message);
  let client = 5;
  return {
    clock,
    sent,
    doc,
    change(gate: string) {
      if (view.draft(client, [{ key: 'FL-1', fields: { gate } }])) broadcast.show(view, [view.reveal()]);
    },
    rotate() {
      client += 1;
      view.draftRotation(client);
      broadcast.show(view, [view.reveal()]);
    },
  };
};

test('for few every change goes out by itself', () => {
  const { sent, change } = scene(8);
  for (const gate of ['A', 'B', 'C']) change(gate);
  assert.equal(sent, [0, 0, 0]);
});

test('for many the first goes out at once, and those of the next 33 ms as one', async () => {
  const { clock, sent, doc, change } = scene(64);
  for (const gate of ['A', 'B', 'C', 'D']) change(gate);
  assert.equal(sent, [0]);
  await clock.advance(100);
  assert.equal(sent, [0, 33]);
  assert.is(doc.getMap<Y.Map<unknown>>('flights').get('FL-1')?.get('gate'), 'D');
  change('E');
  assert.equal(sent, [0, 33, 100]);
});

test('where messages take long to send, the next waits until as much time was left for everything else, at most a second', async () => {
  const { clock, sent, doc, change } = scene(64, [40]);
  for (const gate of ['A', 'B']) change(gate);
  assert.equal(sent, [0, 40]);
  for (const gate of ['C', 'D']) change(gate);
  await clock.advance(39);
  assert.equal(sent, [0, 40]);
  await clock.advance(1);
  assert.equal(sent, [0, 40, 120], '40 ms of sending and 40 ms of pause');
  assert.is(doc.getMap<Y.Map<unknown>>('flights').get('FL-1')?.get('gate'), 'D');
  const stalled = scene(64, [60_000]);
  for (const gate of ['A', 'B', 'C']) stalled.change(gate);
  await stalled.clock.advance(1_000);
  assert.is(stalled.sent.length, 3);
});

test('a machine that stood still in the middle of one sending does not make the next wait longer', async () => {
  const { clock, sent, change } = scene(64, [2, 500, 2]);
  change('A');
  await clock.advance(50);
  change('B');
  assert.equal(sent, [0, 52]);
  change('C');
  assert.equal(sent, [0, 52, 552]);
  change('D');
  await clock.advance(31);
  assert.equal(sent, [0, 52, 552, 585]);
});

test('a rotation takes along what waits and goes out at once', async () => {
  const { clock, sent, doc, change, rotate } = scene(64);
  for (const gate of ['A', 'B']) change(gate);
  rotate();
  assert.equal(sent, [0, 0]);
  assert.equal(doc.getMap('flights').toJSON(), { 'FL-1': { gate: 'B' } });
  assert.is(doc.store.pendingDs, null);
  await clock.advance(100);
  assert.equal(sent, [0, 0]);
});

test('a patch may keep the highest keys alone, whatever came in between', () => {
  const view = new ViewDocument(board('main'), { content: null, floor: 0, head: 0 });
  const put = (keys: readonly string[], highest?: number): string[] => {
    const entries = keys.map((key) => ({ key, fields: { gate: key } }));
    if (view.draft(5, entries, highest)) view.reveal();
    return Object.keys(shownBy(view)).sort();
  };
  assert.equal(put(['B', 'D', 'C']), ['B', 'C', 'D']);
  assert.equal(put(['E'], 3), ['C', 'D', 'E']);
  assert.equal(put(['F'], 3), ['D', 'E', 'F']);
  assert.equal(put(['A', 'G']), ['A', 'D', 'E', 'F', 'G']);
  assert.equal(put(['H'], 3), ['F', 'G', 'H']);
  assert.equal(put(['A'], 3), ['F', 'G', 'H']);
  // A draft that is given up: what it took out is there again.
  view.draft(5, [{ key: 'I', fields: { gate: 'I' } }], 3);
  view.resetDraft();
  assert.equal(put(['J'], 3), ['G', 'H', 'J']);
});

test.run();
