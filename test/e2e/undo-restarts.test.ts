import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seedOr } from '../support/random.js';
import { run } from './undo-restarts.js';

const seed = seedOr(31);

test(`undo on a server that is restarted equals managers that never were, byte for byte (seed ${seed})`, async () => {
  const figures = await run(4, seed, { steps: 60, kinds: ['text', 'map'] });
  console.log('  ', JSON.stringify(figures));
  assert.ok(figures.undos > 20 && figures.restarts > 2);
});

test.run();
