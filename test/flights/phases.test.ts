import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allowedMoves, moveBetween, phases } from '../../src/flights/phases.js';

const out = { actualDeparture: '2026-11-22T10:00:00.000Z' };

test('a flight goes ahead step by step, and back only where the table says so', () => {
  const legal = phases.flatMap((from) =>
    phases.filter((to) => ['step', 'back'].includes(moveBetween(from, to) ?? '')).map((to) => `${from} > ${to}`),
  );
  assert.equal(legal, [
    'scheduled > boarding',
    'scheduled > cancelled',
    'boarding > scheduled',
    'boarding > departed',
    'boarding > cancelled',
    'departed > scheduled',
    'departed > boarding',
    'departed > arrived',
    'departed > diverted',
    'cancelled > scheduled',
    'diverted > departed',
  ]);
});

test('nobody moves an arrived flight', () => {
  for (const to of phases) assert.is(moveBetween('arrived', to), null);
  assert.equal(allowedMoves('arrived', out), []);
});

test('a person may skip ahead only when the data shows it', () => {
  assert.equal(allowedMoves('scheduled', {}), ['boarding', 'cancelled']);
  assert.equal(allowedMoves('scheduled', out), ['boarding', 'departed', 'cancelled', 'diverted']);
  assert.ok(allowedMoves('boarding', { actualArrival: '2026-11-22T12:00:00.000Z' }).includes('arrived'));
});

test.run();
