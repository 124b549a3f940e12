import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type FeedState, initialFeed, mergeSnapshot, type Snapshot } from '../../src/flights/feed.js';
import { moveBetween, type Phase, phases } from '../../src/flights/phases.js';
import { Dice, seededRandom } from '../../src/flights/sources/seeded-random.js';

const base = Date.UTC(2026, 10, 22, 10);
const at = (minutes: number): string => new Date(base + minutes * 60_000).toISOString();
const rules = { scheduledDeparture: at(0), thresholdMinutes: 15 };
const merge = (feed: FeedState, ...snapshots: readonly Snapshot[]): FeedState =>
  snapshots.reduce((state, snapshot) => mergeSnapshot(state, snapshot, rules).feed, feed);
const say = (minutes: number, values: Snapshot['values'], phase?: Snapshot['phase']): Snapshot => ({
  observedAt: base + minutes * 60_000,
  values,
  ...(phase === undefined ? {} : { phase }),
});
const empty = initialFeed({});

test('older data never wins over newer, however late it comes', () => {
  const feed = merge(empty, say(10, { gate: 'B2' }), say(5, { gate: 'A1', terminal: '1' }));
  assert.is(feed.shown.gate, 'B2');
  assert.is(feed.shown.terminal, '1');
});

test('an arrived flight never returns', () => {
  const feed = merge(
    empty,
    say(1, { actualArrival: at(1) }, 'arrived'),
    say(9, {}, 'departed'),
    say(10, {}, 'scheduled'),
  );
  assert.is(feed.shown.phase, 'arrived');
  assert.is(feed.shown.actualArrival, at(1));
});

test('actual times alone show that a flight has left or arrived', () => {
  assert.is(merge(empty, say(1, { actualOff: at(0) })).shown.phase, 'departed');
  assert.is(merge(empty, say(1, { actualArrival: at(0) })).shown.phase, 'arrived');
});

test('an estimate never replaces an actual time', () => {
  const feed = merge(empty, say(1, { actualDeparture: at(0) }, 'departed'), say(2, { estimatedDeparture: at(30) }));
  assert.is(feed.shown.actualDeparture, at(0));
});

test('a return to the gate clears the actual departure, and an old report does not bring it back', () => {
  const left = say(1, { actualDeparture: at(1), actualOff: at(2) }, 'departed');
  const back = merge(empty, left, say(9, {}, 'boarding'), left);
  assert.is(back.shown.phase, 'boarding');
  assert.is(back.shown.actualDeparture, undefined);
  assert.is(back.shown.actualOff, undefined);
  assert.is(merge(back, say(20, { actualDeparture: at(19) }, 'departed')).shown.actualDeparture, at(19));
});

test('a source that cannot tell boarding does not end it, but sees a return to the gate', () => {
  const boarding = merge(empty, say(1, {}, 'boarding'), say(2, {}, 'not-departed'));
  assert.is(boarding.shown.phase, 'boarding');
  const returned = merge(boarding, say(3, { actualDeparture: at(3) }, 'departed'), say(4, {}, 'not-departed'));
  assert.is(returned.shown.phase, 'scheduled');
});

test('actual times that break out, off, on, in are left out', () => {
  const feed = merge(empty, say(1, { actualDeparture: at(10), actualOff: at(5), actualOn: at(60) }, 'departed'));
  assert.is(feed.shown.actualOff, undefined);
  assert.is(feed.shown.actualOn, at(60));
});

test('data that repeats what is known changes nothing', () => {
  const snapshot = say(1, { gate: 'A1', estimatedDeparture: at(20) }, 'boarding');
  const first = mergeSnapshot(empty, snapshot, rules);
  assert.ok(first.delta);
  assert.is(mergeSnapshot(first.feed, snapshot, rules).delta, null);
  assert.is(mergeSnapshot(first.feed, { ...snapshot, observedAt: snapshot.observedAt + 1 }, rules).delta, null);
});

const randomSnapshot = (dice: Dice): Snapshot => {
  const minutes = dice.between(1, 40);
  const maybe = <T>(value: () => T): T | undefined => (dice.chance(0.4) ? value() : undefined);
  const values = {
    gate: maybe(() => dice.pick(['A1', 'B2', 'C3'])),
    terminal: maybe(() => dice.pick(['1', '2'])),
    estimatedDeparture: maybe(() => at(dice.between(5, 20))),
    actualDeparture: maybe(() => at(dice.between(0, 20))),
    actualOff: maybe(() => at(dice.between(10, 30))),
    actualOn: maybe(() => at(dice.between(20, 60))),
    actualArrival: dice.chance(0.05) ? at(dice.between(50, 90)) : undefined,
  };
  const present = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const seen = [...phases.filter((phase) => phase !== 'arrived'), 'not-departed'] as const;
  const phase = dice.chance(0.6) ? dice.pick(seen as unknown as [Snapshot['phase']]) : undefined;
  return say(minutes, present, phase);
};

test('late and replayed data in random order end in the same record as in order, and data in order makes legal moves only', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  console.log(`  seed ${seed}`);
  const dice = new Dice(seededRandom(seed));
  for (let round = 0; round < 1_500; round += 1) {
    const snapshots = Array.from({ length: dice.between(2, 14) }, () => randomSnapshot(dice));
    const inOrder = [...snapshots].sort((a, b) => a.observedAt - b.observedAt);
    const shuffled = [...snapshots, ...snapshots.filter(() => dice.chance(0.3))]
      .map((snapshot) => ({ snapshot, key: dice.between(0, 1e9) }))
      .sort((a, b) => a.key - b.key)
      .map(({ snapshot }) => snapshot);
    let expected = empty;
    let last = 0;
    for (const snapshot of inOrder) {
      const next = merge(expected, snapshot);
      const [from, to]: readonly [Phase, Phase] = [expected.shown.phase, next.shown.phase];
      // Two words of one time may show two moves at once.
      const moved = from !== to && snapshot.observedAt > last;
      if (moved) assert.ok(moveBetween(from, to), `round ${round}: ${from} > ${to}`);
      last = snapshot.observedAt;
      expected = next;
    }
    let feed = empty;
    for (const snapshot of shuffled) {
      const next = merge(feed, snapshot);
      if (feed.shown.phase === 'arrived') assert.is(next.shown.phase, 'arrived', `round ${round}`);
      feed = next;
    }
    assert.equal(feed.shown, expected.shown, `round ${round}`);
    assert.equal(feed.clear[0], expected.clear[0], `round ${round}`);
  }
});

test.run();
