// View documents and the log: what a failing disk, a conflict, lost caches and a restart do to what is shown.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ContrailError } from '../../src/model/errors.js';
import { systemActor } from '../../src/model/ids.js';
import { type Fault, setFault, until, withFolder } from '../log/temporary-log.js';
import { turn } from '../support/held-log.js';
import { seededRandom } from '../support/seed.js';
import { board, contentOf, faultyWriter, inbox, type Model, Stage } from './channel-stage.js';
import { shownBy } from './yjs-view.js';

const main = board('main');
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'fulfilled',
    (error: unknown) => (error instanceof ContrailError ? error.code : String(error)),
  );

for (const fault of ['commit', 'die', 'lost'] satisfies Fault[]) {
  test(`after the fault "${fault}" in the middle of changes every client shows what the log has`, () =>
    withFolder(async (dataDir) => {
      const stage = await Stage.open(dataDir, { random: seededRandom(3), writerUrl: faultyWriter });
      try {
        await stage.change(main, { key: 'FL-1', fields: { gate: 'A1' } });
        const alice = await stage.enter('alice').join();
        setFault(dataDir, fault);
        const changes = ['B', 'C', 'D'].map((gate) => stage.views.commit(change(`${gate}1`)));
        assert.equal([...new Set(await Promise.all(changes.map(codeOf)))], ['log-unavailable']);
        setFault(dataDir, null);
        await until(() => stage.log.stats().writable);
        // What a writer that died after its commit left in the log is a fact, although its caller was told otherwise.
        const shown = fault === 'lost' ? 'D1' : 'A1';
        await stage.settle();
        if (fault !== 'lost') assert.is(alice.root('flights')['FL-1']?.['gate'], 'A1');
        await stage.change(main, { key: 'FL-2', fields: { gate: 'E1' } });
        await stage.settle();
        assert.is(alice.root('flights')['FL-1']?.['gate'], shown);
        assert.is(alice.root('flights')['FL-2']?.['gate'], 'E1');
        assert.is(alice.doc.store.pendingStructs, null);
        const bob = await stage.enter('bob').join();
        assert.equal(bob.root('flights'), alice.root('flights'));
        assert.equal(stage.faults, []);
      } finally {
        await stage.close();
      }
    }));
}
const change = (gate: string) => ({
  events: [],
  views: [{ view: main, entries: [{ key: 'FL-1', fields: { gate } }] }],
});

test('while the log cannot write a view that is opened shows what it has, and the rest once the log can', () =>
  withFolder(async (dataDir) => {
    const stage = await Stage.open(dataDir, { random: seededRandom(4), writerUrl: faultyWriter });
    try {
      stage.model.set(inbox('alice'), new Map([['N-1', { title: 'waiting' }]]));
      setFault(dataDir, 'commit');
      const alice = await stage.enter('alice').join();
      assert.equal(alice.root('notifications'), {});
      assert.is(alice.closed, null);
      setFault(dataDir, null);
      await until(() => stage.log.stats().writable);
      await stage.settle();
      assert.equal(alice.root('notifications'), contentOf(stage.model, inbox('alice')));
    } finally {
      await stage.close();
    }
  }));

test('changes that are committed at once succeed or conflict one by one', () =>
  withFolder(async (dataDir) => {
    const stage = await Stage.open(dataDir, { random: seededRandom(5) });
    try {
      const alice = await stage.enter('alice').join();
      const stream = board('facts');
      const fact = { stream, kind: 'view', actor: systemActor, at: 0, payload: null, meta: null } as const;
      const commit = (gate: string, head: number) =>
        stage.views.commit({
          events: [fact],
          views: [{ view: main, entries: [{ key: gate, fields: { gate } }] }],
          expect: [{ stream, head }],
        });
      const outcomes = await Promise.all([commit('A', 0), commit('B', 0), commit('C', 1), commit('D', 7)].map(codeOf));
      assert.equal(outcomes, ['fulfilled', 'conflict', 'fulfilled', 'conflict']);
      await stage.settle();
      assert.equal(Object.keys(alice.root('flights')).sort(), ['A', 'C']);
      const bob = await stage.enter('bob').join();
      assert.equal(Object.keys(bob.root('flights')).sort(), ['A', 'C']);
    } finally {
      await stage.close();
    }
  }));

test('a change of many inboxes is one commit and reaches a few people at a time; who leaves and comes back meanwhile misses nothing', () =>
  withFolder(async (dataDir) => {
    const stage = await Stage.open(dataDir, { random: seededRandom(8) });
    try {
      const names = Array.from({ length: 15 }, (_, index) => `person-${index}`);
      for (const name of names) await stage.enter(name).join();
      const all = [...stage.people];
      const send = (id: string) =>
        stage.commit(names.map((name) => ({ view: inbox(name), entries: [{ key: id, fields: { title: id } }] })));
      const reached = () =>
        all.filter((person) => {
          person.read();
          return 'N-2' in person.root('notifications');
        });
      await send('N-1');
      await stage.settle();
      const { commits } = stage.log.stats();
      const sent = send('N-2');
      while (reached().length === 0) await turn();
      const early = reached().length;
      // Two turns' worth where this look came late.
      assert.ok(early < all.length - 4, `${early} had it at once`);
      assert.is(stage.log.stats().commits, commits + 1);
      // Of those who have it, and of those who do not.
      const left = [all[0], all[14]].flatMap((person) => person ?? []);
      for (const person of left) person.leave();
      const back = await Promise.all(left.map(({ user }) => stage.enter(user).join()));
      await sent;
      await stage.settle();
      for (const person of [...all.filter((one) => !left.includes(one)), ...back])
        assert.equal(person.root('notifications'), contentOf(stage.model, inbox(person.user)), person.user);
      assert.equal(stage.faults, []);
    } finally {
      await stage.close();
    }
  }));

test('when the disk fails a change of many inboxes nobody is shown any of it, and the next one comes as it should', () =>
  withFolder(async (dataDir) => {
    const stage = await Stage.open(dataDir, { random: seededRandom(9), writerUrl: faultyWriter });
    try {
      const names = Array.from({ length: 11 }, (_, index) => `person-${index}`);
      for (const name of names) await stage.enter(name).join();
      const send = (id: string) =>
        stage.commit(names.map((name) => ({ view: inbox(name), entries: [{ key: id, fields: { title: id } }] })));
      await send('N-1');
      setFault(dataDir, 'commit');
      assert.is(await codeOf(send('N-2')), 'log-unavailable');
      setFault(dataDir, null);
      await until(() => stage.log.stats().writable);
      await send('N-3');
      await stage.settle();
      for (const person of stage.people) {
        assert.equal(Object.keys(person.root('notifications')).sort(), ['N-1', 'N-3'], person.user);
        assert.is(person.doc.store.pendingStructs, null);
      }
      assert.equal(stage.faults, []);
    } finally {
      await stage.close();
    }
  }));

test('a change that cannot be drafted is refused alone', () =>
  withFolder(async (dataDir) => {
    const stage = await Stage.open(dataDir, { random: seededRandom(6) });
    try {
      const alice = await stage.enter('alice').join();
      const unreadable = {
        get terminal(): string {
          throw new Error('unreadable');
        },
      };
      const poison = { view: main, entries: [{ key: 'bad', fields: { gate: 'C', where: unreadable } }] };
      const outcomes = await Promise.all(
        [
          stage.change(main, { key: 'FL-1', fields: { gate: 'A' } }),
          stage.views.commit({ events: [], views: [poison] }),
          stage.change(main, { key: 'FL-2', fields: { gate: 'B' } }),
        ].map(codeOf),
      );
      assert.is(outcomes[0], 'fulfilled');
      assert.is.not(outcomes[1], 'fulfilled');
      assert.is(outcomes[2], 'fulfilled');
      await stage.settle();
      assert.equal(alice.root('flights'), contentOf(stage.model, main));
    } finally {
      await stage.close();
    }
  }));

test('I3: without checkpoints and projections everybody sees the same after a restart, whatever they still hold', () =>
  withFolder(async (dataDir) => {
    let stage = await Stage.open(dataDir, { random: seededRandom(7) });
    const { model } = stage;
    for (let count = 0; count < 400; count += 1)
      await stage.change(main, {
        key: `FL-${count % 20}`,
        fields: { gate: `G${count}`, note: `${count}`.padEnd(300, 'x') },
      });
    const alice = await stage.enter('alice').join();
    await stage.close();
    const db = new Database(join(dataDir, 'contrail.db'));
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
    assert.ok(tables.includes('checkpoint') && tables.includes('view_client'), tables.join());
    assert.ok((db.prepare('SELECT count(*) FROM checkpoint').pluck().get() as number) > 0);
    db.exec('DELETE FROM checkpoint; DROP TABLE view_client; DELETE FROM projection');
    db.close();
    stage = await Stage.open(dataDir, { random: seededRandom(8), model });
    try {
      const back = await stage.enter('alice', { doc: alice.doc }).join();
      assert.is(back.closed, null);
      assert.equal(back.root('flights'), contentOf(model, main));
      assert.equal((await stage.enter('bob').join()).root('flights'), contentOf(model, main));
    } finally {
      await stage.close();
    }
  }));

test('a board that a domain writes stays in memory without anybody looking, an inbox leaves with its last reader', () =>
  withFolder(async (dataDir) => {
    const model: Model = new Map([[main, new Map([['FL-0', { gate: 'A' }]])]]);
    const stage = await Stage.open(dataDir, { random: seededRandom(10), model });
    try {
      await stage.change(main, { key: 'FL-1', fields: { gate: 'B' } });
      const shown = stage.views.peek(main);
      assert.equal(shown && shownBy(shown), contentOf(model, main));
      await stage.change(inbox('alice'), { key: 'N-1', fields: { title: 'x' } });
      const view = inbox('bob');
      const bob = await stage.enter('bob').join();
      await stage.commit([{ view, entries: [{ key: 'N-2', fields: { title: 'y' } }], onlyIfOpen: true }]);
      await stage.settle();
      assert.equal(bob.root('notifications'), contentOf(model, view));
      bob.leave();
      assert.is(stage.views.peek(view), null);
      assert.is.not(stage.views.peek(main), null);
      await stage.change(main, { key: 'FL-1', fields: null }, { key: 'FL-0', fields: null });
      assert.is(stage.views.peek(main), null, 'an empty board leaves, too');
    } finally {
      await stage.close();
    }
  }));

test("a board's stream is cut to its newest checkpoint, so it weighs what the board does", () =>
  withFolder(async (dataDir) => {
    const stage = await Stage.open(dataDir, { random: seededRandom(9) });
    try {
      for (let count = 0; count < 3_000; count += 50)
        await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            stage.change(main, {
              key: `FL-${index}`,
              fields: { gate: `G${count}`, note: `${count}`.padEnd(100, 'x') },
            }),
          ),
        );
      const db = new Database(join(dataDir, 'contrail.db'), { readonly: true });
      const bytes = db.prepare('SELECT sum(length(payload)) FROM event WHERE stream = ?').pluck().get(main) as number;
      const checkpoints = db.prepare('SELECT count(*) FROM checkpoint WHERE stream = ?').pluck().get(main) as number;
      db.close();
      assert.ok(bytes < 100_000, `${bytes} bytes of events`);
      assert.is(checkpoints, 1);
    } finally {
      await stage.close();
    }
  }));

test('whoever asks for a view after the end is told that the server restarts, and rotations that were wanted for later are forgotten', () =>
  withFolder(async (dataDir) => {
    const stage = await Stage.open(dataDir, { random: seededRandom(11) });
    await stage.change(main, { key: 'FL-1', fields: { gate: 'A' } });
    await stage.enter('alice').join();
    stage.views.rotateSoon(main);
    await stage.settle();
    stage.views.rotateSoon(main);
    const head = stage.views.peek(main)?.head;
    const underWay = stage.change(main, { key: 'FL-2', fields: { gate: 'B' } });
    await stage.views.close();
    await underWay;
    assert.is(stage.views.peek(main)?.head, (head ?? 0) + 1, 'what was asked for before the end is done');
    await stage.close();
    stage.clock.advance(60_000);
    const late = [
      stage.enter('bob').join(),
      stage.change(main, { key: 'FL-1', fields: null }),
      stage.views.rotate(main),
    ];
    assert.equal(await Promise.all(late.map(codeOf)), ['restarting', 'restarting', 'restarting']);
    assert.equal(stage.faults, []);
  }));

test('an inbox that shows its newest alone stays so on all devices through rotations, failed changes and late joiners', () =>
  withFolder(async (dataDir) => {
    const random = seededRandom(12);
    const stage = await Stage.open(dataDir, { random, writerUrl: faultyWriter });
    const [view, size] = [inbox('alice'), 5];
    const entries = new Map<string, { title: string }>();
    stage.model.set(view, entries);
    const arrive = async (key: string): Promise<void> => {
      await stage.views.commit({
        events: [],
        views: [{ view, entries: [{ key, fields: { title: key } }], highest: size }],
      });
      entries.set(key, { title: key });
      for (const old of [...entries.keys()].sort().slice(0, -size)) entries.delete(old);
    };
    try {
      const devices = [await stage.enter('alice').join(), await stage.enter('alice').join()];
      let rotations = 0;
      for (let n = 100; n < 300; n += 1) {
        const { draftClient } = stage.views.peek(view) ?? {};
        const chance = random();
        if (chance < 0.1) await stage.views.rotate(view);
        else if (chance < 0.2) await stage.change(view, { key: [...entries.keys()][0] ?? 'N-0', fields: null });
        else if (chance < 0.25) {
          setFault(dataDir, 'commit');
          assert.is(await codeOf(arrive(`N-${n}`)), 'log-unavailable');
          setFault(dataDir, null);
          await until(() => stage.log.stats().writable);
        } else if (chance < 0.35) await Promise.all([arrive(`N-${n}`), stage.views.rotate(view), arrive(`N-${n}b`)]);
        else await arrive(`N-${n}`);
        if (stage.views.peek(view)?.draftClient !== draftClient) rotations += 1;
        if (chance > 0.95) {
          devices.shift()?.leave();
          devices.push(await stage.enter('alice').join());
        }
        await stage.settle();
        for (const device of devices)
          assert.equal(device.root('notifications'), contentOf(stage.model, view), `at ${n}`);
      }
      assert.ok(rotations > 20, `${rotations} rotations`);
      assert.equal(stage.faults, []);
    } finally {
      await stage.close();
    }
  }));

test.run();
