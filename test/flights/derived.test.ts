import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arrivalDelay, departureDelay, isDelayed, statusOf } from '../../src/flights/derived.js';
import { phases } from '../../src/flights/phases.js';

const at = (minutes: number, seconds = 0): string =>
  new Date(Date.UTC(2026, 10, 22, 10) + minutes * 60_000 + seconds * 1000).toISOString();
const scheduled = { scheduledDeparture: at(0), scheduledArrival: at(100), phase: 'scheduled' as const };

test('a delay is in whole minutes toward zero, may be negative, and is null when there is nothing to compare', () => {
  assert.is(departureDelay({ ...scheduled, estimatedDeparture: at(14, 59) }), 14);
  assert.is(departureDelay({ ...scheduled, estimatedDeparture: at(-2, -30) }), -2);
  assert.ok(Object.is(departureDelay({ ...scheduled, estimatedDeparture: at(0, -30) }), 0));
  assert.is(departureDelay(scheduled), null);
  assert.is(arrivalDelay(scheduled), null);
});

test('the actual time counts before the estimate, and gate times before runway times', () => {
  const times = { ...scheduled, estimatedDeparture: at(20), actualDeparture: at(5), actualOff: at(25) };
  assert.is(departureDelay(times), 5);
  assert.is(departureDelay({ ...scheduled, actualOff: at(25) }), 25);
  assert.is(arrivalDelay({ ...scheduled, estimatedArrival: at(110), actualOn: at(101) }), 10);
  assert.is(arrivalDelay({ ...scheduled, estimatedArrival: at(110), actualArrival: at(107) }), 7);
});

test('a flight is delayed from 15 minutes on and falls back under 12 only', () => {
  const ask = (delayMinutes: number | null, lastClear: boolean) =>
    isDelayed({ facts: scheduled, delayMinutes, lastClear, thresholdMinutes: 15, now: 0 });
  assert.equal(
    [ask(14, false), ask(15, false), ask(14, true), ask(12, true), ask(11, true), ask(null, true)],
    [false, true, true, true, false, false],
  );
});

test('the clock alone delays a flight that has not left, and no other', () => {
  const ask = (minutes: number, phase: (typeof phases)[number]) =>
    isDelayed({
      facts: { ...scheduled, phase },
      delayMinutes: null,
      lastClear: false,
      thresholdMinutes: 15,
      now: Date.parse(at(minutes)),
    });
  assert.is(ask(14, 'scheduled'), false);
  assert.is(ask(15, 'scheduled'), true);
  assert.is(ask(15, 'boarding'), true);
  for (const phase of ['departed', 'arrived', 'cancelled', 'diverted'] as const) assert.is(ask(60, phase), false);
});

test('the status is the phase, and on-time or delayed before boarding', () => {
  assert.is(statusOf('scheduled', false), 'on-time');
  assert.is(statusOf('scheduled', true), 'delayed');
  for (const phase of phases) if (phase !== 'scheduled') assert.is(statusOf(phase, true), phase);
});

test.run();
