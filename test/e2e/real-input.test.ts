import { test } from 'uvu';
import { chooseSeed } from '../support/seed.js';
import { describeRealInput, runRealInput } from './real-input.js';

test('two people type a real history through ten kills: both clients, REST and the log end with its text, each edit by its author', async () => {
  const seed = chooseSeed();
  console.log(`  ${describeRealInput(await runRealInput('friendsforever', { kills: 10, seqs: 200, seed }))}`);
});

test('one person types a component through ten kills and finds it complete', async () => {
  const seed = chooseSeed();
  console.log(`  ${describeRealInput(await runRealInput('sveltecomponent', { kills: 10, seqs: 40, seed }))}`);
});

test.run();
