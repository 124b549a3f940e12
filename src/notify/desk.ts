// What every change of inboxes needs, in one place: the projection's readers, the queue, the ids, the commit, and the time up to which open
// views have been moved on (`horizon`). Patches are worked out at the horizon, not at the clock, because an item that expired a
// moment ago is still in the views until expiry.ts takes it out.

import { setTimeout } from 'node:timers/promises';
import type { NewEvent } from '../model/events.js';
import { systemActor, type UserId } from '../model/ids.js';
import type { Clock } from '../model/time.js';
import type { CommitChange, ViewPatch } from '../model/views.js';
import type { Due } from './broadcast-reader.js';
import { expired } from './facts.js';
import type { InboxQueue } from './inbox-queue.js';
import type { InboxReader } from './inbox-reader.js';
import type { InboxWindow, WindowChange } from './inbox-window.js';

export interface Desk {
  readonly clock: Clock;
  readonly commit: CommitChange;
  readonly reader: InboxReader;
  readonly window: InboxWindow;
  readonly queue: InboxQueue;
  readonly nextId: () => string;
  readonly openInboxes: () => readonly UserId[];
  /** Unix ms up to which expiry has reached the views. */
  readonly horizon: { current: number };
  /** Called after the commit of what expires, so that the timer knows. */
  readonly expects: (expiresAt: number, entries: readonly Due[]) => void;
}

/** One inbox, inside its turn. */
export interface Turn {
  readonly user: UserId;
  /** The time to stamp events with: the clock's, but never before the inbox's last event. */
  readonly at: number;
  readonly now: number;
  /** Logs the events, takes expired ones out of the counters on the way, and patches the open view. */
  commit(events: readonly NewEvent[], change: WindowChange): Promise<void>;
}

/** People per commit when many inboxes change at once: a few milliseconds, so that typing gets through between two commits. */
export const sliceSize = 25;
/** How many open views change in one commit: few, so that nobody who types waits long, and more where there are so many that it would last. */
interface SliceSizes {
  readonly least: number;
  readonly most: number;
}
/** Their windows are read whole: half a millisecond each when they are full. */
const reframeSizes: SliceSizes = { least: 2, most: 8 };
/** Of a broadcast that came only its own entry is read. */
const arrivalSizes: SliceSizes = { least: 2, most: 25 };
/** People whose rules and receipts are looked up in one go, besides those of the slice that needs it. */
const lookedUpAtOnce = 30;
/** With so many slices a broadcast takes some two seconds to be in all open views; more than that only where slices are as large as may be. */
const usualSlices = 200;
/**
 * Between two slices, several times what one takes: this thread, the writer's and the sockets then have done with all of it, and with the typing that
 * came in meanwhile. Behind slices of eight with 1 ms between them a keystroke of the next 35 ms took three times as long (p50 3 ms for 1.2, p90 9 for
 * 2.3), with this little longer than ever (1.4 and 3.3).
 */
const sliceRestMs = 8;

const slicesOf = <Item>(items: readonly Item[], size: number): Item[][] => {
  const slices: Item[][] = [];
  for (let start = 0; start < items.length; start += size) slices.push(items.slice(start, start + size));
  return slices;
};

const viewSlices = (users: readonly UserId[], { least, most }: SliceSizes): UserId[][] =>
  slicesOf(users, Math.min(most, Math.max(least, Math.ceil(users.length / usualSlices))));

const restForTyping = (): Promise<void> => setTimeout(sliceRestMs);

/** Runs `task` when it is this inbox's turn. */
export const inTurn = <Result>(desk: Desk, user: UserId, task: (turn: Turn) => Promise<Result>): Promise<Result> => {
  const horizon = desk.horizon.current;
  return desk.queue.run([user], () => {
    const now = desk.clock.now();
    const at = Math.max(now, desk.reader.lastAt(user));
    const moment = { user, now: horizon };
    const commit: Turn['commit'] = async (events, change) => {
      const settling = desk.reader.hasUnsettled(moment)
        ? [expired(user, { actor: systemActor, at }, { until: horizon })]
        : [];
      await desk.commit({ events: [...settling, ...events], views: desk.window.predict(moment, change) });
    };
    return task({ user, at, now, commit });
  });
};

/** Puts the views of many people right, a slice after the other, each person in turn; `touched` names the ids to look at. */
export const reframeViews = (
  desk: Desk,
  users: readonly UserId[],
  touched: (user: UserId) => readonly string[],
): Promise<void> =>
  patchViews(desk, viewSlices(users, reframeSizes), (slice, now) =>
    slice.flatMap((user) => desk.window.reframe({ user, now }, touched(user))),
  );

/** Shows a new broadcast to all in the views of many people, when whoever sent it has the answer and typing had its moment. */
export const showArrival = async (desk: Desk, users: readonly UserId[], id: string): Promise<void> => {
  await restForTyping();
  // With whom nothing is under way stays as they are until their slice, because all that comes later waits for it: they can be looked up many at a time.
  const settled = new Set(users.filter((user) => !desk.queue.isBusy(user)));
  const asSent = new Set<UserId>();
  let arrival = desk.window.arrival(id);
  let reached = 0;
  let lookedUp = 0;
  await patchViews(desk, viewSlices(users, arrivalSizes), (slice, now) => {
    reached += slice.length;
    if (lookedUp < reached) {
      const next = users.slice(lookedUp, reached + lookedUpAtOnce).filter((user) => settled.has(user));
      lookedUp = reached + lookedUpAtOnce;
      for (const user of desk.reader.asSentTo(next, id)) asSent.add(user);
      // The broadcast itself is read again too: it may have been recalled meanwhile.
      arrival = desk.window.arrival(id);
    }
    return slice.flatMap((user) => arrival({ user, now }, asSent.has(user)));
  });
};

const patchViews = async (
  desk: Desk,
  slices: readonly UserId[][],
  patchesFor: (slice: readonly UserId[], now: number) => readonly ViewPatch[],
): Promise<void> => {
  const now = desk.horizon.current;
  const results: Promise<void>[] = [];
  let previous: Promise<void> = Promise.resolve();
  for (const slice of slices) {
    const before = previous;
    const result = desk.queue.run(slice, async () => {
      await before;
      const views = patchesFor(slice, now);
      if (views.length > 0) await desk.commit({ events: [], views });
    });
    results.push(result);
    // Only the pace: the failure itself comes out of `results`.
    previous = result.catch(() => {}).then(restForTyping);
  }
  await Promise.all(results);
};
