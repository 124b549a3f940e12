// The five types: money, default wording, preferences, and what a flight's change says.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../../src/model/errors.js';
import { dataChecks, defaultWording } from '../../src/notify/data-kinds.js';
import { noticeContent } from '../../src/notify/flight-notices.js';
import { formatAmount } from '../../src/notify/money.js';
import { parsePreferences, ruleFor, suppressionOf } from '../../src/notify/preferences.js';
import { bucketOf, bucketStart } from '../../src/notify/tally-projection.js';

const faultsOf = (amount: unknown): number => {
  const faults: Fault[] = [];
  dataChecks.payment({ amount, currency: 'EUR', status: 'ok', transactionId: 'T' }, '/data', faults);
  return faults.length;
};

test('money is a decimal string or whole minor units, never a float', () => {
  for (const good of ['0', '19.99', '-5', '123456789012345678.12345678', 1999, -1, 0]) {
    assert.is(faultsOf(good), 0, String(good));
  }
  for (const bad of [19.99, 1e16, Number.NaN, '19,99', '1e3', '.5', '01', '+1', '', null, true, ['1']]) {
    assert.is(faultsOf(bad), 1, String(bad));
  }
});

test('minor units are written with the digits of their currency', () => {
  assert.is(formatAmount(1999, 'EUR'), '19.99 EUR');
  assert.is(formatAmount(-5, 'USD'), '-0.05 USD');
  assert.is(formatAmount(500, 'JPY'), '500 JPY');
  assert.is(formatAmount(1234, 'KWD'), '1.234 KWD');
  assert.is(formatAmount('7.5', undefined), '7.5');
});

test('each type words itself', () => {
  const booking = { showTitle: 'Faust', date: '2026-11-22T19:30:00Z', confirmationNumber: 'C1', status: 'confirmed' };
  assert.equal(defaultWording('booking', booking), {
    title: 'Booking confirmed: Faust',
    message: 'Faust on 2026-11-22, confirmation C1.',
  });
  const flight = { flightId: 'FL-1', flightNumber: 'DL123', status: 'delayed', gate: 'B12', delayMinutes: 20 };
  assert.equal(defaultWording('flight', flight), {
    title: 'Flight DL123: delayed',
    message: 'Delayed. 20 minutes late. Gate B12.',
  });
  assert.is(defaultWording('settlement', { name: 'May', amount: '10', status: 'paid' }).title, 'Settlement paid: May');
  assert.is(defaultWording('alert', { urgency: 'high', message: 'Leave now.' }).message, 'Leave now.');
});

test('quiet hours follow the time zone, summer time included, and go over midnight', () => {
  const preferences = parsePreferences({ quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' } });
  const at = (time: string): string | null => suppressionOf(ruleFor(preferences, 'alert'), 1, Date.parse(time));
  assert.is(at('2026-01-10T20:59:59Z'), null);
  assert.is(at('2026-01-10T21:00:00Z'), 'quiet-hours');
  assert.is(at('2026-07-10T20:00:00Z'), 'quiet-hours');
  assert.is(at('2026-07-10T19:59:59Z'), null);
  assert.is(at('2026-01-11T05:59:59Z'), 'quiet-hours');
  assert.is(at('2026-01-11T06:00:00Z'), null);
});

test('what is wrong with preferences is listed at once', () => {
  const body = {
    muted: 'yes',
    quietHours: { from: '25:00', to: '7', timeZone: 'Mars' },
    types: { alert: { minimumPriority: 1 }, mail: {} },
  };
  try {
    parsePreferences(body);
    assert.unreachable();
  } catch (error) {
    assert.equal(
      (error as { faults: Fault[] }).faults.map(({ at }) => at),
      [
        '/muted',
        '/quietHours/from',
        '/quietHours/to',
        '/quietHours/timeZone',
        '/types/alert/minimumPriority',
        '/types/mail',
      ],
    );
  }
});

test('a notice about a flight says what was and what is', () => {
  const flight = { flightNumber: 'DL1', status: 'delayed', gate: 'B2', delayMinutes: 20 };
  const base = { flightId: 'FL-1', priority: 'normal', watchers: [], flight, at: 0 } as const;
  const told = (
    kind: 'gate' | 'status' | 'delay',
    from: string | number | null,
    to: string | number | null,
  ): string => {
    const { title, message } = noticeContent({ ...base, kind, from, to });
    return `${title} | ${message}`;
  };
  assert.is(told('gate', 'A1', 'B2'), 'Flight DL1: gate B2 | Gate changed from A1 to B2.');
  assert.is(told('gate', null, 'B2'), 'Flight DL1: gate B2 | Gate B2.');
  assert.is(told('gate', 'A1', null), 'Flight DL1: gate withdrawn | Gate A1 no longer holds.');
  assert.is(told('status', 'on-time', 'delayed'), 'Flight DL1: delayed | Now delayed, was on-time. 20 minutes late.');
  assert.is(told('delay', 0, 20), 'Flight DL1: 20 minutes late | 20 minutes late.');
  assert.is(noticeContent({ ...base, kind: 'delay', from: 0, to: 20 }).collapseKey, 'flight/FL-1/delay');
});

test('reading times fall into buckets no wider than one sixty-fourth', () => {
  for (const ms of [0, 1, 127, 128, 1000, 86_400_000, 1e12]) {
    const start = bucketStart(bucketOf(ms));
    assert.ok(start <= ms && ms - start <= ms / 64, String(ms));
  }
});

test.run();
