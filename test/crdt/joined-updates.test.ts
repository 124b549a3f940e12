// Joined updates: fewer, and the same document.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { joinedUpdates } from '../../src/crdt/joined-updates.js';
import { replayInto } from '../../src/crdt/replay.js';
import { seedOr } from '../support/random.js';
import { dumpDocument } from './document-dump.js';
import { EditingSession } from './editing-session.js';
import { randomNumbers, seededRandom } from './random-edits.js';

const seed = seedOr(4711);

const eventsOf = (updates: readonly Uint8Array[]) =>
  updates.map((payload, index) => ({ seq: index + 1, kind: 'edit' as const, payload }));

const recorded = (client: number, edit: (text: Y.Text) => void): readonly Uint8Array[] => {
  const doc = new Y.Doc();
  doc.clientID = client;
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  edit(doc.getText('content'));
  return updates;
};

/** The document that the updates make one by one, in one transaction as replay does, and the one that replay makes. */
const bothWays = (updates: readonly Uint8Array[]): readonly [Y.Doc, Y.Doc] => {
  const plain = new Y.Doc();
  plain.transact((transaction) => {
    for (const update of updates) {
      Y.applyUpdate(plain, update);
      transaction.local = true;
    }
  });
  const replica = new Y.Doc();
  replayInto(replica, eventsOf(updates));
  return [plain, replica];
};

const assertSame = (updates: readonly Uint8Array[], message: string): void => {
  const [plain, replica] = bothWays(updates);
  assert.equal(Y.encodeStateAsUpdate(replica), Y.encodeStateAsUpdate(plain), message);
  assert.is(dumpDocument(replica), dumpDocument(plain), message);
};

test('text typed in a row is one update, whatever the characters; so are deletes in a row', () => {
  const words = ['h', 'é', '😀', '日', '\n', 'e\u0301', ...'and more than 127 bytes '.repeat(8)];
  const updates = recorded(2 ** 32 - 1, (text) => {
    text.insert(0, 'begin end');
    let at = 5;
    for (const word of words) {
      text.insert(at, word);
      at += word.length;
    }
    for (let count = 0; count < 40; count += 1) text.delete(at - 40, 1);
    text.insert(0, 'x');
  });
  const joined = [...joinedUpdates(eventsOf(updates))];
  assert.equal(
    joined.map(({ seq }) => seq),
    [1, 2, 2 + words.length, 42 + words.length],
  );
  assertSame(updates, 'typed');
});

test('what does not continue the piece before it is left alone', () => {
  const alice = new Y.Doc();
  alice.clientID = 1;
  const bob = new Y.Doc();
  bob.clientID = 2;
  const updates: Uint8Array[] = [];
  for (const [doc, other] of [
    [alice, bob],
    [bob, alice],
  ] as const)
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'other') return;
      updates.push(update);
      Y.applyUpdate(other, update, 'other');
    });
  const text = (doc: Y.Doc) => doc.getText('content');
  text(alice).insert(0, 'ab');
  text(alice).insert(2, 'c'); // continues, but its predecessor began the text
  text(bob).insert(3, 'd'); // another client
  text(alice).insert(1, 'e'); // elsewhere
  text(alice).insert(2, 'f'); // behind e, before b
  text(alice).insert(1, 'g'); // before e
  text(alice).format(0, 2, { bold: true });
  text(alice).insert(1, 'h');
  alice.getMap('map').set('key', 'text');
  alice.getMap('map').set('key', 'more');
  text(bob).insert(0, '');
  assertSame(updates, 'mixed');
  assert.is([...joinedUpdates(eventsOf(updates))].length, updates.length - 1);
});

/** Three people who type in bursts, delete, format, and hear of each other late. The updates in the order in which a server would log them. */
const typingSession = (random: () => number): readonly Uint8Array[] => {
  const below = (bound: number) => Math.floor(random() * bound);
  const log: Uint8Array[] = [];
  const people = [1, 2, 3].map((index) => ({ doc: new Y.Doc(), heard: 0, client: index + 4 * below(1_000_000_000) }));
  const hear = (person: (typeof people)[number]) => {
    for (const update of log.slice(person.heard)) Y.applyUpdate(person.doc, update, 'other');
    person.heard = log.length;
  };
  for (const person of people) {
    person.doc.clientID = person.client;
    person.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'other') log.push(update);
    });
  }
  for (let bursts = 5 + below(40); bursts > 0; bursts -= 1) {
    const person = people[below(3)];
    if (person === undefined) continue;
    if (below(3) > 0) hear(person);
    const text = person.doc.getText('content');
    let at = below(text.length + 1);
    const kind = below(8);
    for (let count = 1 + below(6); count > 0; count -= 1) {
      if (kind < 5) {
        const piece = ['a', 'bc', 'é', '😀'][below(4)] ?? '';
        text.insert(at, piece);
        at += piece.length;
      } else if (kind < 7 && at > 0) {
        at -= 1;
        text.delete(at, 1);
      } else if (text.length > at) text.format(at, 1, { bold: below(2) === 0 || null });
    }
  }
  return log;
};

test(`random sessions replay to the same documents, joined or not (seed ${seed})`, () => {
  const random = seededRandom(seed);
  let [updates, joined] = [0, 0];
  for (let program = 0; program < 300; program += 1) {
    const log = typingSession(random);
    assertSame(log, `typing, program ${program}`);
    updates += log.length;
    joined += [...joinedUpdates(eventsOf(log))].length;
  }
  assert.ok(joined < updates * 0.6, `${updates} updates became ${joined}`);
  for (let program = 0; program < 40; program += 1) {
    const session = new EditingSession([1, 2, 3].map((index) => index + 4 * Math.floor(random() * 1_000_000_000)));
    for (let steps = Math.floor(random() * 150); steps > 0; steps -= 1) {
      const [who, what] = randomNumbers(random);
      session.run({ who, what, numbers: randomNumbers(random) });
    }
    session.settle();
    assertSame(session.server.deltas, `anything, program ${program}`);
  }
});

test.run();
