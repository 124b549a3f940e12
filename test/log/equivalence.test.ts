import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from './equivalence.js';

const rounds = 150;
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test(`the SQLite log answers like the memory log to the same random calls (SEED=${seed})`, async () => {
  assert.ok((await run(rounds, seed)) > rounds);
});

test.run();
