import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from './crash.js';

const kills = 20;
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test(`${kills} processes killed at random instants lose nothing acknowledged (SEED=${seed})`, async () => {
  assert.ok((await run(kills, seed)) > kills);
});

test.run();
