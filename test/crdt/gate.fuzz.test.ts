// Maimed and made-up updates, a small count of them (the whole count: npm run torture -- gate 1000000).

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from './gate-fuzz.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

test('whatever the gate accepts leaves a document that works and replays', () => {
  const counts = run(20_000, seed);
  const { rules, ...figures } = counts;
  console.log(`  ${JSON.stringify(figures)} seed ${seed}`);
  console.log(
    `  ${[...rules]
      .sort(([, one], [, other]) => other - one)
      .map(([rule, times]) => `${rule} ${times}`)
      .join(', ')}`,
  );
  assert.ok(counts.changed > counts.offered / 50, 'hardly anything was accepted');
  assert.ok(counts.refused > counts.offered / 10, 'hardly anything was refused');
  assert.ok(counts['not-ready'] > 0);
});

test.run();
