import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { wholeStateSteps } from '../../src/crdt/whole-state.js';
import { type Dice, dice, seedOr } from '../support/random.js';
import { randomEdit } from '../support/random-edits.js';
import { writeUpdate } from './update-writer.js';

type SharedType = Y.Doc['share'] extends Map<string, infer Type> ? Type : never;

const docs = 150;
const endings = new Map<string, number>();

/** A document as whoever loads it gets it: what its state says, and how Yjs holds that. */
const structure = (doc: Y.Doc): readonly string[] => {
  const idOf = (item: Y.Item | Y.GC | { id: Y.ID } | null): string =>
    item ? `${item.id.client}:${item.id.clock}` : '-';
  const typeOf = (type: SharedType): string => {
    if (type._item) return idOf(type._item);
    return [...doc.share].find(([, root]) => root === type)?.[0] ?? 'lost';
  };
  const ofType = (type: SharedType): string => {
    const entries = [...type._map].map(([key, item]) => `${key}=${idOf(item)}`).sort();
    const { _hasFormatting: formatted = false } = type as Partial<Pick<Y.Text, '_hasFormatting'>>;
    return `${typeOf(type)} ${type.constructor.name} start ${idOf(type._start)} length ${type._length} ${entries} ${formatted}`;
  };
  const ofItem = (item: Y.Item): string => {
    const { origin, rightOrigin, left, right, parentSub, content } = item;
    const ids = [origin, rightOrigin].map((id) => idOf(id && { id }));
    const value =
      content instanceof Y.ContentType ? ofType(content.type) : JSON.stringify({ ...content, doc: undefined });
    const { countable, deleted, keep } = item;
    return `${ids} ${idOf(left)} ${idOf(right)} in ${typeOf(item.parent as SharedType)} ${parentSub} ${content.constructor.name} ${value} ${countable} ${deleted} ${keep}`;
  };
  const structs = [...doc.store.clients].flatMap(([client, found]) =>
    found.map(
      (struct) =>
        `${client}:${idOf(struct)}+${struct.length} ${struct instanceof Y.Item ? ofItem(struct) : 'collected'}`,
    ),
  );
  return [...structs, ...[...doc.share.values()].map(ofType)].sort();
};

/** Loaded by Yjs, which is kept from joining anything in the end: a state is joined as far as its document was. */
const byYjs = (state: Uint8Array): Y.Doc => {
  const doc = new Y.Doc();
  doc.transact((transaction) => {
    Y.applyUpdate(doc, state);
    transaction.local = true;
    for (const client of doc.store.clients.keys()) transaction.beforeState.set(client, Y.getState(doc.store, client));
    transaction.deleteSet.clients.clear();
  });
  return doc;
};

/** Loads it so many structs at a time: in how many steps, and whether without Yjs. */
const load = (doc: Y.Doc, state: Uint8Array, structs = Number.POSITIVE_INFINITY) => {
  const loading = wholeStateSteps(doc, state, structs);
  for (let steps = 1; ; steps += 1) {
    const { done, value } = loading.next();
    if (done) return { steps, whole: value };
  }
};

/** `null` when it was left to Yjs. In one step and in as many as there are structs, which must come to the same. */
const loaded = (state: Uint8Array): Y.Doc | null => {
  const [doc, slowly] = [new Y.Doc(), new Y.Doc()];
  const { steps, whole } = load(doc, state);
  const slow = load(slowly, state, 1);
  assert.is(slow.whole, whole);
  assert.ok(steps === 1 && slow.steps > Y.decodeUpdate(state).structs.length);
  assert.equal(structure(slowly), structure(doc), 'in steps');
  return whole ? doc : null;
};

/** What `people` who do not see each other all the time have made, as the server that hears from all of them holds it. */
const shared = (people: number, steps: number, throws: Dice): Y.Doc => {
  const server = new Y.Doc();
  server.clientID = 50;
  const docs = Array.from({ length: people }, (_, index) => {
    const doc = new Y.Doc();
    doc.clientID = throws.chance(0.5) ? 10 + index : 100 + index;
    return doc;
  });
  for (let step = 0; step < steps; step += 1) {
    const doc = throws.pick(docs);
    randomEdit(doc, 'abcdefgh'.charAt(docs.indexOf(doc)), throws);
    if (!throws.chance(0.2)) continue;
    Y.applyUpdate(server, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server)));
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(server, Y.encodeStateVector(doc)));
  }
  return server;
};

test('a state loads into what Yjs makes of it: every item, between the same neighbours, in the same types', () => {
  for (let seed = seedOr(8_128), last = seed + docs; seed < last; seed += 1) {
    const throws = dice(seed);
    const state = Y.encodeStateAsUpdate(shared(2 + throws.below(6), 20 + throws.below(300), throws));
    const doc = loaded(state);
    assert.ok(doc, `SEED=${seed}`);
    assert.equal(structure(doc), structure(byYjs(state)), `SEED=${seed}`);
    assert.equal(Y.encodeStateAsUpdate(doc), state, `SEED=${seed}`);
  }
});

test('what was written at once behind a place in the middle of what is now one piece loads as it is', () => {
  const docs = [1, 20, 30, 40].map((clientID) => Object.assign(new Y.Doc(), { clientID }));
  const [server, one, other, third] = docs as [Y.Doc, Y.Doc, Y.Doc, Y.Doc];
  const write = (doc: Y.Doc, index: number, text: string) => doc.getText('content').insert(index, text);
  const send = (from: Y.Doc, to: Y.Doc) => Y.applyUpdate(to, Y.encodeStateAsUpdate(from));
  write(one, 0, 'aa');
  send(one, other);
  write(one, 2, 'aa');
  write(other, 2, 'b');
  send(one, third);
  write(third, 4, 'x');
  for (const doc of [other, third, one]) send(doc, server);
  assert.is(server.getText('content').toString(), 'aaaaxb');
  for (const doc of docs) {
    const state = Y.encodeStateAsUpdate(doc);
    assert.equal(structure(loaded(state) as Y.Doc), structure(byYjs(state)));
  }
  const whole = { client: 7, clock: 0, structs: [{ kind: 4, content: [4, 97, 97, 97, 97] }] };
  const middles = [{ origin: { client: 7, clock: 1 } }, { rightOrigin: { client: 7, clock: 2 } }];
  for (const middle of middles)
    for (const client of [6, 8]) {
      const state = writeUpdate([whole, { client, clock: 0, structs: [{ kind: 4, ...middle, content: [1, 98] }] }]);
      assert.equal(structure(loaded(state) as Y.Doc), structure(byYjs(state)));
    }
});

test('pieces that Yjs joins in the end are found until then, however many steps it takes', () => {
  const letters = (text: string) => ({ kind: 4, content: [text.length, ...Buffer.from(text)] });
  const behind = (clock: number) => ({ origin: { client: 7, clock } });
  const state = writeUpdate([
    { client: 7, clock: 0, structs: [letters('aaaa'), { ...letters('bb'), ...behind(3) }] },
    { client: 6, clock: 0, structs: [1, 5].map((clock) => ({ ...letters('x'), ...behind(clock) })) },
  ]);
  const doc = loaded(state) as Y.Doc;
  assert.equal(structure(doc), structure(byYjs(state)));
  assert.is(doc.getText('text').toString(), 'aaxaabbx');
});

test('subdocuments, bytes and values of all kinds load like everything else', () => {
  const doc = new Y.Doc();
  doc.getMap('m').set('sub', new Y.Doc({ guid: 'inner' }));
  doc.getArray('a').insert(0, [new Uint8Array([1, 2]), 0.5, null, [{ deep: true }]]);
  doc.getText('t').insertEmbed(0, { image: 1 });
  const state = Y.encodeStateAsUpdate(doc);
  const into = loaded(state) as Y.Doc;
  assert.equal(
    [...into.getSubdocs()].map(({ guid }) => guid),
    ['inner'],
  );
  assert.equal(Y.encodeStateAsUpdate(into), state);
  assert.equal(into.getArray('a').toJSON(), doc.getArray('a').toJSON());
});

test('whatever was not collected, or has a gap, is left to Yjs', () => {
  const doc = new Y.Doc({ gc: false });
  doc.getText('content').insert(0, 'abc');
  const before = Y.encodeStateVector(doc);
  doc.getText('content').delete(1, 1);
  doc.getText('content').insert(2, 'd');
  const { client, clock } = { client: 7, clock: 0 };
  const written = { kind: 1, content: [3] };
  const deletes = (...ranges: [number, number][]) => [{ client, ranges }];
  const states = {
    'kept what was deleted': Y.encodeStateAsUpdate(doc),
    'begins later': Y.encodeStateAsUpdate(doc, before),
    'deletes what it has not': writeUpdate([{ client, clock, structs: [written] }], deletes([2, 2])),
    'deletes of a client it has not': writeUpdate([], deletes([0, 1])),
    'a client twice': writeUpdate([7, 8, 7].map((who) => ({ client: who, clock, structs: [written] }))),
  };
  for (const [name, state] of Object.entries(states)) {
    const [into, expected] = [new Y.Doc(), new Y.Doc()];
    assert.not(load(into, state).whole, name);
    Y.applyUpdate(expected, state);
    assert.equal(structure(into), structure(expected), name);
    assert.equal(into.store.pendingDs, expected.store.pendingDs, name);
    assert.equal(into.store.pendingStructs, expected.store.pendingStructs, name);
  }
  const ordered = writeUpdate([{ client, clock, structs: [written] }], deletes([2, 1], [0, 2]));
  assert.ok(loaded(ordered), 'ranges in any order');
});

test('what belongs to a collected type, or to a value that was overwritten, goes where Yjs lets it go', () => {
  const id = (clock: number) => ({ client: 7, clock });
  const array = { kind: 7, content: [0] };
  const value = (text: string) => ({ kind: 4, content: [1, text.charCodeAt(0)] });
  const states = {
    collected: [
      { kind: 0, content: [1] },
      { ...value('a'), parent: id(0) },
      { ...value('b'), origin: id(1) },
      { ...value('c'), rightOrigin: id(2) },
    ],
    'not a type': [value('a'), { ...value('b'), parent: id(0) }],
    overwritten: [
      { ...array, parent: 'm', key: 'k' },
      { ...value('a'), origin: id(0) },
      { ...value('b'), parent: id(0) },
      { ...value('c'), origin: id(2) },
    ],
    'overwritten with what was deleted in it': [
      { ...array, parent: 'm', key: 'k' },
      { kind: 1, content: [1], parent: id(0) },
      { kind: 1, content: [1], origin: id(1) },
      { ...value('c'), origin: id(0) },
    ],
    'written under a newer value': [
      { ...value('a'), parent: 'm', key: 'k' },
      { ...value('b'), rightOrigin: id(0) },
    ],
  };
  for (const [name, structs] of Object.entries(states)) {
    const state = writeUpdate([{ client: 7, clock: 0, structs }]);
    assert.equal(structure(loaded(state) as Y.Doc), structure(byYjs(state)), name);
  }
});

test('formatting is not tidied, whoever loads it', () => {
  for (const gc of [true, false]) {
    const docs = [3, 4].map((clientID) => Object.assign(new Y.Doc({ gc }), { clientID })) as [Y.Doc, Y.Doc];
    const [one, other] = docs;
    const text = (doc: Y.Doc) => doc.getMap('m').get('t') as Y.Text;
    one.getMap('m').set('t', new Y.Text('hello world!'));
    text(one).delete(11, 1);
    Y.applyUpdate(other, Y.encodeStateAsUpdate(one));
    for (const doc of docs) text(doc).format(0, 5, { bold: true });
    one.transact((transaction) => {
      Y.applyUpdate(one, Y.encodeStateAsUpdate(other));
      transaction.local = true;
    });
    const into = new Y.Doc();
    assert.is(load(into, Y.encodeStateAsUpdate(one)).whole, gc);
    const deletes = (doc: Y.Doc) => Y.decodeUpdate(Y.encodeStateAsUpdate(doc)).ds.clients;
    assert.equal(deletes(into), deletes(one));
  }
});

test('structs that wait for each other, or for what is not there, are refused', () => {
  const struct = (client: number, clock: number) => ({ kind: 1, origin: { client, clock }, content: [1] });
  const states = {
    'each other': [
      { client: 8, clock: 0, structs: [struct(7, 0)] },
      { client: 7, clock: 0, structs: [struct(8, 0)] },
    ],
    themselves: [{ client: 8, clock: 0, structs: [struct(8, 0)] }],
    'three in a ring': [9, 8, 7].map((client) => ({
      client,
      clock: 0,
      structs: [struct(client === 7 ? 9 : client - 1, 0)],
    })),
    'a client that is not there': [{ client: 8, clock: 0, structs: [struct(1, 0)] }],
    'a clock that is not there': [
      { client: 8, clock: 0, structs: [struct(7, 1)] },
      { client: 7, clock: 0, structs: [{ kind: 1, content: [1] }] },
    ],
  };
  for (const [name, sections] of Object.entries(states))
    assert.throws(() => loaded(writeUpdate(sections)), /not in it/, name);
});

test('a state with bytes changed ends in an error, or in what Yjs makes of it', () => {
  for (let seed = seedOr(496), last = seed + docs; seed < last; seed += 1) {
    const throws = dice(seed);
    const state = Y.encodeStateAsUpdate(shared(3, 60, throws));
    for (let flips = 1 + throws.below(3); flips > 0; flips -= 1) state[throws.below(state.length)] = throws.below(256);
    let ending = 'error';
    try {
      const doc = loaded(state);
      ending = doc === null ? 'left to Yjs' : 'document';
      if (doc) assert.equal(structure(doc), structure(byYjs(state)), `SEED=${seed}`);
    } catch (error) {
      if (error instanceof assert.Assertion) throw error;
    }
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
  }
  assert.equal([...endings.keys()].sort(), ['document', 'error', 'left to Yjs']);
});

test.run();
