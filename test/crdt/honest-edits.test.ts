// Nobody honest is refused: random programs over all shared types, with concurrency, undo, and absences.

import fc from 'fast-check';
import { test } from 'uvu';
import { EditingSession } from './editing-session.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const programs = Number(process.env['PROGRAMS'] ?? 400);

test('four people who edit at the same time are never refused, and all end with one document', () => {
  const small = fc.nat(1000);
  const step = fc.record({ who: small, what: small, numbers: fc.tuple(small, small, small, small) });
  const clients = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 32 - 1 }), { minLength: 4, maxLength: 4 });
  let accepted = 0;
  fc.assert(
    fc.property(clients, fc.array(step, { maxLength: 150, size: 'max' }), (ids, steps) => {
      const session = new EditingSession(ids);
      for (const each of steps) session.run(each);
      session.settle();
      accepted += session.counts.accepted;
    }),
    { seed, numRuns: programs, includeErrorInReport: true },
  );
  console.log(`  ${programs} programs, ${accepted} updates accepted, seed ${seed}`);
});

test.run();
