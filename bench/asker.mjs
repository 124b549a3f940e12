// A process beside the load that asks about a document's past without a pause: its URL and some seqs are the arguments, the answer is
// how often it has asked.

import { workBeside } from './beside.mjs';
import { questions } from './questions.mjs';

const [, , base, seqs] = process.argv;
const states = JSON.parse(seqs);
const { past, diff, undo, redo } = questions(base);
let turn = 0;

workBeside(async (isWanted) => {
  let count = 0;
  for (; isWanted(); turn += 1, count += 4) {
    await past(states[turn % states.length]);
    await diff();
    await undo();
    await redo();
  }
  return count;
});
