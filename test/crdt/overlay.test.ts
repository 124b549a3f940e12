// Channels laid over a document, rule by rule (docs/channels.md, C1 to C6), as clients see them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { encodeStep2, encodeUpdate } from '../../src/crdt/protocol.js';
import { withFolder } from '../log/temporary-log.js';
import { turn } from '../support/held-log.js';
import { seededRandom } from '../support/seed.js';
import { board, contentOf, inbox, Stage, type StageClient } from './channel-stage.js';
import { varUint, writeUpdate } from './update-writer.js';

const main = board('main');
const flight = (gate: string, status = 'on-time') => ({ gate, status, delayMinutes: 0 });

const inFolder = (work: (stage: Stage, dataDir: string) => Promise<void>) => () =>
  withFolder(async (dataDir) => {
    const stage = await Stage.open(dataDir, { random: seededRandom(7) });
    try {
      await work(stage, dataDir);
      assert.equal(stage.faults, []);
    } finally {
      await stage.close();
    }
  });

/** One log serves most tests: each begins with an empty document. The last test closes it. */
let shared: { readonly stage: Stage; readonly dataDir: string } | null = null;
const onStage = (work: (stage: Stage) => Promise<void>) => async () => {
  if (!shared) {
    const dataDir = mkdtempSync(join(tmpdir(), 'contrail-overlay-'));
    shared = { dataDir, stage: await Stage.open(dataDir, { random: seededRandom(7) }) };
  }
  const { stage } = shared;
  stage.clear();
  await work(stage);
  assert.equal(stage.faults, []);
};

/** A board of two flights, and alice who writes a document over it. */
const scene = async (stage: Stage): Promise<StageClient> => {
  const others = Object.keys(contentOf(stage.model, main)).filter((key) => key !== 'FL-1' && key !== 'FL-2');
  await stage.change(
    main,
    ...others.map((key) => ({ key, fields: null })),
    { key: 'FL-1', fields: flight('A1') },
    { key: 'FL-2', fields: flight('B2') },
  );
  const alice = await stage.enter('alice').join();
  alice.doc.getText('content').insert(0, 'hello');
  await stage.settle();
  return alice;
};

const clientOf = (stage: Stage, view = main): number => stage.views.peek(view)?.client ?? -1;
const documentClients = ({ room }: Stage): readonly number[] => [...room.doc.store.clients.keys()];

test(
  'C1: view documents have 32-bit client ids of their own, kept over a restart',
  inFolder(async (stage, dataDir) => {
    await stage.change(main, { key: 'FL-1', fields: flight('A1') });
    await stage.change(board('tour'), { key: 'FL-1', fields: flight('A1') });
    const ids = [clientOf(stage), clientOf(stage, board('tour'))];
    assert.is(new Set(ids).size, 2);
    for (const id of ids) assert.ok(id > 0 && id < 2 ** 32);
    await stage.log.close();
    const again = await Stage.open(dataDir, { random: seededRandom(8), model: stage.model });
    try {
      const carol = await again.enter('carol', { channels: ['flights', 'flights:tour'] }).join();
      assert.equal([clientOf(again), clientOf(again, board('tour'))], ids);
      assert.equal(carol.root('flights'), contentOf(stage.model, main));
      assert.equal(carol.root('flights:tour'), contentOf(stage.model, board('tour')));
    } finally {
      await again.close();
    }
  }),
);

test(
  'one step2 brings the document and the channels, and changes arrive live; the document never holds any of it',
  onStage(async (stage) => {
    await scene(stage);
    const bob = await stage.enter('bob').join();
    assert.is(bob.doc.getText('content').toString(), 'hello');
    assert.equal(bob.root('flights'), contentOf(stage.model, main));
    await stage.change(main, { key: 'FL-1', fields: { gate: 'C9' } });
    await stage.settle();
    assert.is(bob.root('flights')['FL-1']?.['gate'], 'C9');
    assert.not(documentClients(stage).includes(clientOf(stage)));
    assert.equal([...stage.room.doc.share.keys()], ['content']);
  }),
);

test(
  'C2: a client that comes back with all it holds is not told anything, and nothing of it enters the document',
  onStage(async (stage) => {
    const alice = await scene(stage);
    for (const gate of ['A2', 'A3', 'A4']) await stage.change(main, { key: 'FL-1', fields: { gate } });
    await stage.change(main, { key: 'FL-2', fields: null });
    await stage.settle();
    alice.leave();
    const back = stage.enter('alice', { doc: alice.doc, channels: ['flights'] });
    await back.join();
    back.transmit(encodeStep2(Y.encodeStateAsUpdate(back.doc)));
    back.doc.getText('content').insert(5, ' again');
    await stage.settle();
    assert.is(back.closed, null);
    assert.not(documentClients(stage).includes(clientOf(stage)));
    assert.is(stage.room.doc.getText('content').toString(), 'hello again');
  }),
);

test(
  'C2: what a client holds of a channel that this connection lacks is stripped without comment',
  onStage(async (stage) => {
    const alice = await scene(stage);
    alice.leave();
    const back = await stage.enter('alice', { doc: alice.doc, channels: [] }).join();
    back.doc.getText('content').insert(0, '>');
    await stage.settle();
    assert.is(back.closed, null);
    assert.not(documentClients(stage).includes(clientOf(stage)));
    assert.is(stage.room.doc.getText('content').toString(), '>hello');
  }),
);

test(
  'C3: content of a view of another database vanishes from the client, and its document lives on',
  onStage(async (stage) => {
    const doc = new Y.Doc();
    const other = new Y.Doc();
    for (const name of ['FL-9', 'FL-8']) other.getMap('flights:elsewhere').set(name, new Y.Map([['gate', 'Z']]));
    other.getMap<Y.Map<string>>('flights:elsewhere').get('FL-9')?.set('gate', 'Y');
    other.getMap('flights:elsewhere').delete('FL-8');
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    doc.getText('content').insert(0, 'mine');
    const alice = await stage.enter('alice', { doc }).join();
    assert.is(alice.closed, null);
    assert.equal(alice.root('flights:elsewhere'), {});
    alice.doc.getText('content').insert(4, '!');
    await stage.settle();
    assert.is(stage.room.doc.getText('content').toString(), 'mine!');
    assert.not(documentClients(stage).includes(other.clientID));
    // And the same again, with what is left of it.
    alice.leave();
    const back = await stage.enter('alice', { doc }).join();
    assert.is(back.closed, null);
    assert.not(documentClients(stage).includes(other.clientID));
  }),
);

test(
  "C3: another person's inbox in a shared browser is retracted, and theirs again when they come back",
  onStage(async (stage) => {
    await stage.change(inbox('alice'), { key: 'N-1', fields: { title: 'for alice' } });
    await stage.change(inbox('bob'), { key: 'N-2', fields: { title: 'for bob' } });
    const doc = new Y.Doc();
    const alice = await stage.enter('alice', { doc }).join();
    assert.equal(alice.root('notifications'), contentOf(stage.model, inbox('alice')));
    alice.leave();
    const aliceElsewhere = await stage.enter('alice').join();
    for (const round of [1, 2]) {
      const bob = await stage.enter('bob', { doc }).join();
      assert.is(bob.closed, null);
      assert.equal(bob.root('notifications'), contentOf(stage.model, inbox('bob')), `bob ${round}`);
      bob.leave();
      const back = await stage.enter('alice', { doc }).join();
      // At most one rotation a minute: the second is done when the minute is over.
      await stage.clock.advance(60_000);
      await stage.settle();
      assert.is(back.closed, null);
      assert.equal(back.root('notifications'), contentOf(stage.model, inbox('alice')), `alice ${round}`);
      assert.equal(aliceElsewhere.root('notifications'), contentOf(stage.model, inbox('alice')));
      back.leave();
    }
  }),
);

test(
  'C3: a viewer in a shared browser gets their own inbox back, also when nobody was there meanwhile to ask them',
  onStage(async (stage) => {
    await stage.change(inbox('dave'), { key: 'N-1', fields: { title: 'for dave' } });
    const doc = new Y.Doc();
    const dave = await stage.enter('dave', { doc, role: 'viewer' }).join();
    dave.leave();
    for (const round of [1, 2]) {
      const erin = await stage.enter('erin', { doc, role: 'viewer' }).join();
      assert.equal(erin.root('notifications'), {}, `erin ${round}`);
      erin.leave();
      const back = await stage.enter('dave', { doc, role: 'viewer' }).join();
      await stage.clock.advance(60_000);
      await stage.settle();
      assert.equal(back.root('notifications'), contentOf(stage.model, inbox('dave')), `dave ${round}`);
      assert.is(back.closed, null);
      back.leave();
    }
  }),
);

type Attack = (mallory: StageClient, stage: Stage) => void;
const flights = (doc: Y.Doc) => doc.getMap<Y.Map<unknown>>('flights');
const attacks: Record<string, Attack> = {
  'overwrites a status': ({ doc }) => flights(doc).get('FL-1')?.set('status', 'cancelled'),
  'adds a field': ({ doc }) => flights(doc).get('FL-1')?.set('note', 'x'),
  'deletes a field': ({ doc }) => flights(doc).get('FL-1')?.delete('gate'),
  'deletes a flight': ({ doc }) => flights(doc).delete('FL-1'),
  'adds a flight': ({ doc }) => flights(doc).set('FL-666', new Y.Map([['gate', 'X']])),
  'replaces a flight': ({ doc }) => flights(doc).set('FL-1', new Y.Map([['gate', 'X']])),
  'nests into a flight': ({ doc }) => flights(doc).get('FL-1')?.set('list', new Y.Array()),
  'writes text under the root': ({ doc }) => doc.getText('flights:other').insert(0, 'x'),
  'writes a board nobody has': ({ doc }) => doc.getMap('flights:none').set('a', 1),
  'writes a notification': ({ doc }) => doc.getMap('notifications').set('N-1', 'x'),
  'hides it between honest edits': ({ doc }) =>
    doc.transact(() => {
      doc.getText('content').insert(0, 'honest');
      flights(doc).get('FL-1')?.set('status', 'cancelled');
    }),
};
for (const [what, attack] of Object.entries(attacks)) {
  for (const way of ['update', 'step2'] as const) {
    for (const presence of [true, false]) {
      // A client id that nobody knows, and nothing but server-owned types under it: that is what another server's content looks like (C3).
      const looksForeign = way === 'step2' && !presence && /^(adds a flight|writes)/.test(what);
      const ends = looksForeign ? 'is retracted' : 'is closed with 4403';
      test(
        `C4: who ${what}${presence ? '' : ' without presence'}, in ${way === 'step2' ? 'a SyncStep2' : 'an update'}, ${ends}, and nobody sees it`,
        onStage(async (stage) => {
          const alice = await scene(stage);
          const before = dumpOf(stage);
          const mallory = await stage.enter('mallory', { presence }).join();
          const updates: Uint8Array[] = [];
          mallory.mute = true;
          mallory.doc.on('update', (update: Uint8Array) => updates.push(update));
          attack(mallory, stage);
          const frame =
            way === 'step2' ? encodeStep2(Y.encodeStateAsUpdate(mallory.doc)) : encodeUpdate(Y.mergeUpdates(updates));
          mallory.transmit(frame);
          await stage.settle();
          if (looksForeign) {
            assert.is(mallory.closed, null);
            assert.equal(mallory.root('flights'), contentOf(stage.model, main));
            // Going on shows whose it was.
            mallory.mute = false;
            mallory.doc.getText('content').insert(0, 'x');
            await stage.settle();
          }
          assert.is(mallory.closed?.row.close, 4403);
          assert.match(mallory.closed?.detail ?? '', /"(flights|notifications)/);
          assert.equal(alice.root('flights'), contentOf(stage.model, main));
          assert.is(dumpOf(stage), before);
          const carol = await stage.enter('carol').join();
          assert.equal(carol.root('flights'), contentOf(stage.model, main));
          assert.is(carol.doc.getText('content').toString(), 'hello');
        }),
      );
    }
  }
}
const dumpOf = ({ room }: Stage): string => Buffer.from(Y.encodeStateAsUpdate(room.doc)).toString('hex');

/** A map entry `key` with the text `x`, hung where `place` says. */
const entry = (place: { readonly parent: string | { client: number; clock: number } }, key = 'status') => ({
  kind: 8,
  ...place,
  key,
  content: [1, 119, 1, 120],
});
/** A varint that takes one byte more than it needs. */
const overlong = (bytes: Uint8Array): Uint8Array => {
  const [first = 0, ...rest] = bytes;
  return Uint8Array.from([first | 0x80, 0, ...rest]);
};

const forgeries: Record<string, (stage: Stage) => { readonly update: Uint8Array; readonly code: number }> = {
  "with the board's client id, behind what it has written": (stage) => ({
    update: writeUpdate([
      { client: clientOf(stage), clock: stage.views.peek(main)?.clock ?? 0, structs: [entry({ parent: 'flights' })] },
    ]),
    code: 4403,
  }),
  "with the board's client id, under a root of the document": (stage) => ({
    update: writeUpdate([
      { client: clientOf(stage), clock: stage.views.peek(main)?.clock ?? 0, structs: [entry({ parent: 'mine' })] },
    ]),
    code: 4403,
  }),
  'an entry inside a flight by its parent': (stage) => ({
    update: writeUpdate([
      { client: 66, clock: 0, structs: [entry({ parent: { client: clientOf(stage), clock: 0 } })] },
    ]),
    code: 4403,
  }),
  'a delete of everything the board has written': (stage) => ({
    update: writeUpdate([], [{ client: clientOf(stage), ranges: [[0, stage.views.peek(main)?.clock ?? 0]] }]),
    code: 4403,
  }),
  'a delete of what the board will write': (stage) => ({
    update: writeUpdate([], [{ client: clientOf(stage), ranges: [[stage.views.peek(main)?.clock ?? 0, 1_000_000]] }]),
    code: 4403,
  }),
  'a root in an overlong encoding': () => ({
    update: overlong(writeUpdate([{ client: 66, clock: 0, structs: [entry({ parent: 'flights' }, 'FL-1')] }])),
    code: 4422,
  }),
  'a root whose length is overlong': () => ({
    update: Uint8Array.from([
      ...[1, 1, 66, 0, 0x28, 1, 0x80 | 7, 0, ...Buffer.from('flights'), 1, 97],
      ...[1, 119, 1, 120, 0],
    ]),
    code: 4422,
  }),
};
for (const [what, forge] of Object.entries(forgeries)) {
  for (const way of ['update', 'step2'] as const)
    test(
      `C4: who forges ${what}, in ${way === 'step2' ? 'a SyncStep2' : 'an update'}, is closed, and nobody sees it`,
      onStage(async (stage) => {
        const alice = await scene(stage);
        const before = dumpOf(stage);
        const mallory = await stage.enter('mallory').join();
        const { update, code } = forge(stage);
        mallory.transmit(way === 'step2' ? encodeStep2(update) : encodeUpdate(update));
        await stage.settle();
        assert.is(mallory.closed?.row.close, code, mallory.closed?.detail);
        assert.is(dumpOf(stage), before);
        assert.equal(alice.root('flights'), contentOf(stage.model, main));
        await stage.change(main, { key: 'FL-1', fields: { gate: 'D4' } });
        await stage.settle();
        assert.is(alice.root('flights')['FL-1']?.['gate'], 'D4');
      }),
    );
}

const tour = board('tour');
/** mallory holds a board of which the server has nothing in memory since it was started again. */
const withForgottenBoard = (work: (stage: Stage, mallory: StageClient, clock: number) => Promise<void>) =>
  inFolder(async (first, dataDir) => {
    await first.change(tour, { key: 'FL-1', fields: flight('A1') });
    await first.change(tour, { key: 'FL-1', fields: { gate: 'A2' } });
    const visit = await first.enter('mallory', { channels: ['flights:tour'] }).join();
    const clock = first.views.peek(tour)?.clock ?? 0;
    visit.leave();
    await first.log.close();
    const stage = await Stage.open(dataDir, { random: seededRandom(8), model: first.model });
    try {
      const mallory = stage.enter('mallory', { doc: visit.doc, channels: [] });
      await work(stage, mallory, clock);
      assert.is(stage.views.peek(tour), null, 'it stays out of memory');
      const carol = await stage.enter('carol', { channels: ['flights:tour'] }).join();
      assert.equal(carol.root('flights:tour'), contentOf(stage.model, tour));
      assert.equal(stage.faults, []);
    } finally {
      await stage.close();
    }
  });
const forgottenForgeries: Record<string, (client: number, clock: number) => Uint8Array> = {
  'behind what it has written': (client, clock) =>
    writeUpdate([{ client, clock, structs: [entry({ parent: 'flights:tour' }, 'FL-6')] }]),
  'as a delete of all it shows': (client, clock) => writeUpdate([], [{ client, ranges: [[0, clock]] }]),
  'as a delete of what it will write': (client, clock) => writeUpdate([], [{ client, ranges: [[clock, 9]] }]),
};
for (const [what, forge] of Object.entries(forgottenForgeries)) {
  for (const encode of [encodeUpdate, encodeStep2])
    test(
      `C4: who forges the client id of a board that is not in memory, ${what}, in ${encode === encodeStep2 ? 'a SyncStep2' : 'an update'}, is closed`,
      withForgottenBoard(async (stage, mallory, clock) => {
        await mallory.join();
        assert.is(mallory.closed, null, 'what it honestly holds is stripped');
        const client = stage.clients.liveClient(tour) ?? -1;
        mallory.doc.getText('content').insert(0, 'honest');
        mallory.transmit(encode(forge(client, clock)));
        await stage.settle();
        assert.is(mallory.closed?.row.close, 4403);
        assert.match(mallory.closed?.detail ?? '', /"flights:tour"/);
        assert.is(stage.room.doc.getText('content').toString(), 'honest');
        assert.equal([...stage.room.doc.store.clients.keys()], [mallory.doc.clientID]);
      }),
    );
}

test(
  'C2: who comes back with a board that is not in memory goes on writing, and frames keep their order while it is looked up',
  withForgottenBoard(async (stage, alice) => {
    const joined = alice.join();
    await joined;
    alice.transmit(encodeStep2(Y.encodeStateAsUpdate(alice.doc)));
    for (const letter of 'abc') alice.doc.getText('content').insert(alice.doc.getText('content').length, letter);
    alice.transmit(encodeUpdate(Y.encodeStateAsUpdate(alice.doc)));
    alice.doc.getText('content').insert(3, 'd');
    await stage.settle();
    assert.is(alice.closed, null);
    assert.is(stage.room.doc.getText('content').toString(), 'abcd');
    assert.equal([...stage.room.doc.store.clients.keys()], [alice.doc.clientID]);
  }),
);

test(
  'C4: a repetition of what the board has written is no violation, whatever is claimed to be in it',
  onStage(async (stage) => {
    const alice = await scene(stage);
    const mallory = await stage.enter('mallory').join();
    mallory.transmit(
      encodeUpdate(
        writeUpdate([{ client: clientOf(stage), clock: 0, structs: [entry({ parent: 'flights' }, 'FL-1')] }]),
      ),
    );
    await stage.settle();
    assert.is(mallory.closed, null);
    assert.equal(alice.root('flights'), contentOf(stage.model, main));
    assert.ok(varUint(1).length === 1);
  }),
);

test(
  'C5: server-owned roots are so on a connection without channels, too',
  onStage(async (stage) => {
    await scene(stage);
    for (const root of ['flights', 'flights:any', 'notifications']) {
      const mallory = await stage.enter('mallory', { channels: [] }).join();
      mallory.doc.getMap(root).set('x', 1);
      assert.is(mallory.closed?.row.close, 4403, root);
    }
    assert.equal([...stage.room.doc.share.keys()], ['content']);
  }),
);

test(
  'C5: a viewer gets the channels too, and may write them as little as anybody',
  onStage(async (stage) => {
    await scene(stage);
    const carol = await stage.enter('carol', { role: 'viewer' }).join();
    assert.equal(carol.root('flights'), contentOf(stage.model, main));
    carol.doc.getMap<Y.Map<unknown>>('flights').get('FL-1')?.set('gate', 'X');
    assert.is(carol.closed?.row.close, 4403);
  }),
);

test(
  'subscribing while connected brings all of a channel, unsubscribing stops it, and coming back leaves nothing stale',
  onStage(async (stage) => {
    await scene(stage);
    const tour = board('tour');
    await stage.change(tour, { key: 'FL-7', fields: flight('T1') });
    const bob = await stage.enter('bob', { channels: [] }).join();
    assert.equal((await bob.request({ do: 'subscribe', channel: 'flights:tour' }))['ok'], {
      channels: ['flights:tour'],
    });
    assert.equal(bob.root('flights:tour'), contentOf(stage.model, tour));
    await stage.change(tour, { key: 'FL-8', fields: flight('T2') });
    await stage.settle();
    assert.equal(bob.root('flights:tour'), contentOf(stage.model, tour));
    assert.equal((await bob.request({ do: 'unsubscribe', channel: 'flights:tour' }))['ok'], { channels: [] });
    await stage.change(tour, { key: 'FL-8', fields: null });
    const other = await stage.enter('carol', { channels: ['flights:tour'] }).join();
    await stage.views.rotate(tour);
    await stage.settle();
    assert.ok('FL-8' in bob.root('flights:tour'));
    await bob.request({ do: 'subscribe', channel: 'flights:tour' });
    assert.equal(bob.root('flights:tour'), contentOf(stage.model, tour));
    assert.equal(other.root('flights:tour'), contentOf(stage.model, tour));
    const refused = await bob.request({ do: 'subscribe', channel: 'weather' });
    assert.is((refused['error'] as { code: string }).code, 'bad-request');
    const again = await bob.request({ do: 'subscribe', channel: 'flights:main' });
    assert.equal(again['ok'], { channels: ['flights:tour', 'flights'] });
  }),
);

test(
  'C6: a rotation is one update, observers see every key stay, and who was away ends with the same',
  onStage(async (stage) => {
    const alice = await scene(stage);
    const away = await stage.enter('bob').join();
    away.leave();
    const before = clientOf(stage);
    const seen: string[] = [];
    flights(alice.doc).observe((event) => {
      for (const [key, { action }] of event.changes.keys) seen.push(`${key} ${action}`);
    });
    await stage.views.rotate(main);
    await stage.settle();
    assert.ok(clientOf(stage) > before);
    assert.equal(seen.sort(), ['FL-1 update', 'FL-2 update']);
    assert.equal(alice.root('flights'), contentOf(stage.model, main));
    await stage.change(main, { key: 'FL-2', fields: null });
    await stage.views.rotate(main);
    const back = await stage.enter('bob', { doc: away.doc }).join();
    assert.equal(back.root('flights'), contentOf(stage.model, main));
    assert.is(back.closed, null);
  }),
);

test(
  'C6: a board that is mostly tombstones is written afresh by itself',
  onStage(async (stage) => {
    const alice = await scene(stage);
    const before = clientOf(stage);
    // 2,000 pieces, or up to a quarter more by the client id.
    for (let count = 0; count < 2_600; count += 100)
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          // By turns: what one field leaves behind would be one piece.
          stage.change(main, { key: 'FL-1', fields: { [index % 2 === 0 ? 'gate' : 'delayMinutes']: count + index } }),
        ),
      );
    await stage.settle();
    assert.ok(clientOf(stage) > before);
    assert.equal(alice.root('flights'), contentOf(stage.model, main));
    const carol = await stage.enter('carol').join();
    assert.equal(carol.root('flights'), contentOf(stage.model, main));
    assert.ok(carol.bytesReceived < 10_000, `${carol.bytesReceived} bytes`);
    assert.is(alice.doc.store.pendingStructs, null);
  }),
);

test(
  'C6: a board whose flights come and go is left as it is: they leave next to nothing',
  onStage(async (stage) => {
    const alice = await scene(stage);
    const before = clientOf(stage);
    const fields = { gate: 'A1', status: 'on-time', terminal: 'S', delayMinutes: 0 };
    for (let count = 0; count < 600; count += 1) {
      await stage.change(main, { key: `FL-${count + 100}`, fields });
      await stage.change(main, { key: `FL-${count + 100}`, fields: null });
    }
    await stage.settle();
    assert.is(clientOf(stage), before);
    assert.ok((stage.views.peek(main)?.clock ?? 0) > 3_000);
    const carol = await stage.enter('carol').join();
    assert.equal(carol.root('flights'), contentOf(stage.model, main));
    assert.equal(alice.root('flights'), contentOf(stage.model, main));
    assert.ok(carol.bytesReceived < 20_000, `${carol.bytesReceived} bytes`);
  }),
);

test(
  'C6: frames of a client in the middle of a rotation cost it nothing',
  onStage(async (stage) => {
    const alice = await scene(stage);
    const rotation = stage.views.rotate(main);
    await turn();
    alice.transmit(encodeStep2(Y.encodeStateAsUpdate(alice.doc)));
    const bob = stage.enter('bob', { doc: copyOf(alice.doc) });
    const joined = bob.join();
    await rotation;
    await joined;
    await stage.settle();
    assert.is(alice.closed, null);
    assert.is(bob.closed, null);
    for (const client of [alice, bob]) assert.equal(client.root('flights'), contentOf(stage.model, main));
  }),
);

const copyOf = (doc: Y.Doc): Y.Doc => {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
};

test(
  'a slow consumer that missed changes and rotations is right once it has caught up',
  onStage(async (stage) => {
    await scene(stage);
    const slow = await stage.enter('bob').join();
    slow.slow = true;
    await stage.change(main, { key: 'FL-1', fields: { gate: 'S1' } });
    await stage.views.rotate(main);
    await stage.change(main, { key: 'FL-2', fields: null }, { key: 'FL-3', fields: flight('S3') });
    await stage.views.rotate(main);
    await stage.change(main, { key: 'FL-1', fields: { gate: 'S2' } });
    await stage.settle();
    assert.is(slow.root('flights')['FL-1']?.['gate'], 'A1');
    slow.slow = false;
    slow.session.drained();
    await stage.settle();
    assert.equal(slow.root('flights'), contentOf(stage.model, main));
    assert.is(slow.doc.store.pendingStructs, null);
    assert.is(slow.doc.store.pendingDs, null);
    await stage.change(main, { key: 'FL-1', fields: { gate: 'S3' } });
    await stage.settle();
    assert.equal(slow.root('flights'), contentOf(stage.model, main));
  }),
);

test('closing the log that the tests shared', async () => {
  await shared?.stage.close();
  if (shared) rmSync(shared.dataDir, { recursive: true, force: true });
});

test.run();
