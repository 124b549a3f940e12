// Random operations with crashes, and after each of them the question whether counts, lists and open views are what a recount says.
// Used by the test with a small count and by the torture runner with the whole.

import { performance } from 'node:perf_hooks';
import * as assert from 'uvu/assert';
import { ContrailError } from '../../src/model/errors.js';
import { formatTime } from '../../src/model/time.js';
import type { FlightNotice } from '../../src/notify/flight-notices.js';
import { Recount } from './recount.js';
import { dump, person, refill, until, World } from './world.js';

const names = ['alice', 'bob', 'carol', 'dave', 'mallory'];
const people = names.map(person);
const keys = ['a', 'b', undefined, undefined, undefined];
const priorities = ['low', 'normal', 'high', 'urgent'] as const;

export interface Figures {
  readonly operations: number;
  readonly events: number;
  readonly restarts: number;
  readonly viewChecks: number;
  readonly ms: number;
}

const onlyNotFound = (error: unknown): void => {
  if (!(error instanceof ContrailError) || error.code !== 'not-found') throw error;
};

export const run = async (count: number, seed: number): Promise<Figures> => {
  const world = new World(seed, 10);
  const { random, clock } = world;
  const began = performance.now();
  const recount = new Recount();
  const whole = (below: number): number => Math.floor(random() * below);
  const pick = <Item>(items: readonly Item[]): Item => items[whole(items.length)] as Item;
  const broadcasts: string[] = [];
  let restarts = 0;
  let viewChecks = 0;
  let gate = 0;

  const content = () => {
    const collapseKey = pick(keys);
    return {
      type: pick(['alert', 'booking'] as const),
      priority: pick(priorities),
      ...(collapseKey === undefined ? {} : { collapseKey }),
      ...(random() < 0.7 ? { expiresAt: formatTime(clock.now() + 1 + whole(20_000)) } : {}),
    };
  };
  const request = () => {
    const { type, ...rest } = content();
    return type === 'alert'
      ? { type, data: { urgency: 'high', message: 'Hello' }, ...rest }
      : { type, data: { showTitle: 'Faust', date: '2026-11-22', confirmationNumber: 'C1', status: 'ok' }, ...rest };
  };
  const broadcast = async (to: object): Promise<void> => {
    broadcasts.push((await world.notifications.broadcast({ ...request(), ...to })).broadcastId);
  };
  const someIds = (user: (typeof people)[number]): string[] => {
    const { notifications } = world.notifications.list(user, { limit: 20, include: random() < 0.2 ? ['expired'] : [] });
    return notifications.filter(() => random() < 0.3).map(({ id }) => id);
  };
  const preferences = () => ({
    muted: random() < 0.1,
    minimumPriority: pick(['low', 'low', 'normal'] as const),
    ...(random() < 0.3 ? { quietHours: { from: '08:02', to: '08:10', timeZone: pick(['UTC', 'Asia/Kolkata']) } } : {}),
    types: { booking: { muted: random() < 0.2, quietHours: null } },
  });
  const flightNotice = (): FlightNotice => ({
    ...{ flightId: 'FL-1', kind: 'gate', from: `A${gate}`, to: `A${++gate}`, priority: 'high', at: clock.now() },
    watchers: people.filter(() => random() < 0.4),
    flight: { flightNumber: 'DL1', status: 'on-time', gate: `A${gate}`, delayMinutes: 0 },
  });

  const operations: [number, () => Promise<unknown>][] = [
    [30, () => world.notifications.send({ userId: pick(names), ...request() })],
    [8, () => broadcast({ userIds: names.filter(() => random() < 0.6).concat('erin') })],
    [4, () => broadcast({ audience: 'online' })],
    [8, () => broadcast({ audience: 'all' })],
    [4, async () => broadcasts.length > 0 && world.notifications.recall(pick(broadcasts.slice(-5)))],
    [6, () => world.commit(world.notifications.flightNotices(flightNotice()))],
    [3, () => world.notifications.setPreferences(pick(people), preferences())],
  ];
  for (const mark of ['markRead', 'markSeen', 'archive'] as const) {
    operations.push([
      12,
      async () => {
        const user = pick(people);
        const ids = someIds(user);
        // A recall may take all of them away meanwhile; then they are not found.
        return ids.length > 0 && world.notifications[mark](user, ids).catch(onlyNotFound);
      },
    ]);
  }
  operations.push([
    5,
    async () => {
      const user = pick(people);
      const upTo = pick(world.notifications.list(user).notifications)?.id;
      return world.notifications.markAllRead(user, upTo === undefined ? {} : { upTo });
    },
  ]);
  const lots = operations.flatMap(([weight, work]) => Array.from({ length: weight }, () => work));
  const operation = (): Promise<unknown> => pick(lots)();

  const reopen = async (): Promise<void> => {
    for (const user of people) if (random() < 0.6 && !world.views.has(user)) await world.open(user);
    world.online = people.filter(() => random() < 0.5);
  };
  const crash = async (): Promise<void> => {
    let killed = false;
    const fatal = pick(['killed', 'logged-then-killed'] as const);
    world.fate = () => {
      killed = true;
      return fatal;
    };
    for (let tries = 0; tries < 5; tries++) void operation().catch(() => {});
    void world.notifications.send({ userId: 'alice', ...request() }).catch(() => {});
    await until(() => killed, 'the process is dead');
    world.fate = () => 'logged';
    world.boot();
    restarts++;
    await reopen();
  };

  const checkPerson = (user: (typeof people)[number], context: string): void => {
    recount.catchUp(world.events);
    const now = clock.now();
    assert.equal(world.notifications.counts(user), recount.counts(user, now), `counts of ${user} ${context}`);
  };
  const checkLists = (context: string): void => {
    for (const user of people) {
      checkPerson(user, context);
      const expected = recount.inbox(user, clock.now());
      const listed: string[] = [];
      for (let after: string | null | undefined; after !== null; ) {
        const page = world.notifications.list(user, { limit: 7, ...(after === undefined ? {} : { after }) });
        listed.push(...page.notifications.map(({ id }) => id));
        after = page.next;
      }
      assert.equal(
        listed,
        expected.map(({ id }) => id),
        `list of ${user} ${context}`,
      );
      for (const [id, copies] of recount.copies(user)) assert.is(copies, 1, `${user} has ${id} once ${context}`);
    }
  };
  const checkViews = async (context: string): Promise<void> => {
    await world.notifications.idle();
    await clock.advance(0); // a timer may have been set for an instant that passed during a commit
    await world.notifications.idle();
    recount.catchUp(world.events);
    for (const [user, view] of world.views) {
      viewChecks++;
      const time = (at: number | null): string | null => (at === null ? null : formatTime(at));
      const expected = recount.inbox(user, clock.now()).slice(0, world.windowSize);
      assert.equal(
        [...view].map(([id, fields]) => [id, fields['seenAt'], fields['readAt'], typeof fields['title']]).sort(),
        expected.map(({ id, seenAt, readAt }) => [id, time(seenAt), time(readAt), 'string']).sort(),
        `view of ${user} ${context}`,
      );
    }
  };

  await reopen();
  for (let done = 0; done < count; ) {
    const context = `after operation ${done}, seed ${seed}`;
    const together = 1 + whole(random() < 0.3 ? 4 : 1);
    await Promise.all(Array.from({ length: together }, operation));
    done += together;
    checkPerson(pick(people), context);
    if (random() < 0.3) await clock.advance(whole(3000));
    checkPerson(pick(people), context);
    if (random() < 0.05) world.views.delete(pick(people));
    if (random() < 0.1) await reopen();
    if (random() < 0.02) await crash();
    if (random() < 0.1) await checkViews(context);
    if (random() < 0.05) checkLists(context);
  }
  await world.notifications.idle();
  await checkViews('at the end');
  checkLists('at the end');
  assert.equal(dump(refill(world.events)), dump(world.db), `the projection computed afresh, seed ${seed}`);
  assert.equal(world.reports, [], 'nothing failed in the background');
  await world.notifications.close();
  return { operations: count, events: world.events.length, restarts, viewChecks, ms: performance.now() - began };
};
