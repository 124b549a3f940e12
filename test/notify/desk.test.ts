import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { UserId } from '../../src/model/ids.js';
import type { ViewPatch } from '../../src/model/views.js';
import { type Desk, reframeViews, showArrival } from '../../src/notify/desk.js';

const people = (count: number): UserId[] => Array.from({ length: count }, (_, index) => `person-${index}` as UserId);

/** A desk that notes whose views each commit changes, and who was looked up before. `failing`: the commit that is refused; `busy`: who has tasks under way. */
const noting = ({ failing = -1, busy = [] }: { failing?: number; busy?: readonly string[] } = {}) => {
  const commits: string[][] = [];
  const lookedUp: UserId[][] = [];
  const asSent: UserId[] = [];
  /** How many commits were made when the broadcast itself was to be read anew. */
  const readAt: number[] = [];
  const patchOf = (user: UserId): ViewPatch => ({ view: `view/${user}` as ViewPatch['view'], entries: [] });
  const desk = {
    horizon: { current: 0 },
    queue: { run: (_: unknown, task: () => Promise<unknown>) => task(), isBusy: (user: string) => busy.includes(user) },
    reader: {
      asSentTo: (users: UserId[]) => {
        lookedUp.push(users);
        return new Set(users);
      },
    },
    window: {
      arrival: () => {
        readAt.push(commits.length);
        return ({ user }: { user: UserId }, isAsSent: boolean) => {
          if (isAsSent) asSent.push(user);
          return [patchOf(user)];
        };
      },
      reframe: ({ user }: { user: UserId }) => [patchOf(user)],
    },
    commit: async ({ views }: { views: readonly ViewPatch[] }) => {
      commits.push(views.map(({ view }) => view));
      if (commits.length - 1 === failing) throw new Error('refused');
    },
  };
  return { desk: desk as unknown as Desk, commits, lookedUp, asSent, readAt };
};

const viewsOf = (users: readonly UserId[]) => users.map((user) => `view/${user}`);

test('a broadcast changes few open inboxes per commit, each of them once', async () => {
  const { desk, commits } = noting();
  await showArrival(desk, people(38), 'broadcast-1');
  assert.equal(commits.flat(), viewsOf(people(38)));
  assert.is(Math.max(...commits.map(({ length }) => length)), 2);
});

test('where a great many are open a commit changes more of them, so that the last is not left waiting', async () => {
  const { desk, commits } = noting();
  await showArrival(desk, people(1_200), 'broadcast-1');
  assert.equal(commits.flat(), viewsOf(people(1_200)));
  assert.is(commits.length, 200);
});

test('people are looked up many at a time, each once, except those with whom something is under way', async () => {
  const { desk, lookedUp, asSent, readAt } = noting({ busy: ['person-0', 'person-33'] });
  await showArrival(desk, people(90), 'broadcast-1');
  const settled = people(90).filter((user) => user !== 'person-0' && user !== 'person-33');
  assert.equal(lookedUp.flat(), settled);
  assert.equal(asSent, settled);
  assert.is(lookedUp.length, 3);
  // And a recall is heeded as often.
  assert.equal(readAt, [0, 0, 16, 32]);
});

test('inboxes that are read whole go in still smaller pieces', async () => {
  const { desk, commits } = noting();
  await reframeViews(desk, people(9), () => ['broadcast-1']);
  assert.equal(
    commits.map(({ length }) => length),
    [2, 2, 2, 2, 1],
  );
});

test('a commit that is refused is heard of, and keeps nobody else from the broadcast', async () => {
  const { desk, commits } = noting({ failing: 1 });
  try {
    await showArrival(desk, people(12), 'broadcast-1');
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), 'refused');
  }
  const deadline = performance.now() + 5_000;
  while (commits.length < 3 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.is(commits.length, 3);
});

test.run();
