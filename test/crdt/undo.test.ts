import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seedOr } from '../support/random.js';
import { run } from './undo-program.js';

const seed = seedOr(20_260_101);

test(`text and maps: undo after restarts equals managers that never restarted (seed ${seed})`, async () => {
  const figures = await run(30, seed, { steps: 150, depth: 1000, oracle: true, kinds: ['text', 'map'] });
  console.log('  ', JSON.stringify(figures));
  assert.ok(figures.undos > 300 && figures.restarts > 50);
  assert.is(figures.rebuilds, 0);
});

test(`every type: the same (seed ${seed})`, async () => {
  const figures = await run(15, seed, { steps: 150, depth: 1000, oracle: true });
  console.log('  ', JSON.stringify(figures));
  assert.is(figures.rebuilds, 0);
});

test(`with a short memory the outcome is still the log's (seed ${seed})`, async () => {
  const figures = await run(15, seed, { steps: 200, depth: 12, oracle: false });
  console.log('  ', JSON.stringify(figures));
});

test('seed 484: where Yjs puts what it brings back at two places, all see the one that the log says', async () => {
  const figures = await run(1, 484, { steps: 150, depth: 1000, oracle: true });
  assert.is(figures.twisted, 1);
});

test.run();
