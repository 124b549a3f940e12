// Asks a server about a document's past without a pause, in a process of its own and at the lowest priority, so that reading the answers
// delays none of the keystrokes that the load measures. `askPast` in the load's process; the rest is that process.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

const person = { 'X-User-Id': 'bench' };
const lowest = 19;

/** One request: {ms, body}. Throws where the answer is none. */
const timed = async (request) => {
  const started = performance.now();
  const response = await request();
  const body = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${body.slice(0, 300)}`);
  return { ms: performance.now() - started, body };
};

/** The questions of a document at the URL `base`. */
export const questions = (base) => {
  const post = (what, body) =>
    timed(() =>
      fetch(`${base}/${what}`, {
        method: 'POST',
        headers: { ...person, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  const head = async () => JSON.parse((await timed(() => fetch(base))).body).seq;
  return {
    head,
    past: (seq) => timed(() => fetch(`${base}/at?seq=${seq}&as=text`)),
    diff: async () => {
      const to = await head();
      return timed(() => fetch(`${base}/diff?from=${to - 1000}&to=${to}`));
    },
    edit: (index) => post('edits', { path: ['content'], action: 'insert', index, value: 'word ' }),
    undo: () => post('undo', {}),
    redo: () => post('redo', {}),
  };
};

/** A process that asks between `start()` and `stop()`, past states at `seqs` among others; `stop()` answers how often it has asked. */
export const askPast = (base, seqs) => {
  const child = fork(fileURLToPath(import.meta.url), [base, JSON.stringify(seqs)]);
  setPriority(child.pid, lowest);
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  return {
    pid: child.pid,
    start: () => child.send('start'),
    stop: async () => {
      child.send('stop');
      const [answer] = await Promise.race([
        once(child, 'message'),
        once(child, 'exit').then(([code]) => {
          throw new Error(`the questions ended with exit code ${code}`);
        }),
      ]);
      return answer;
    },
    end,
  };
};

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  const [base, seqs] = [process.argv[2], JSON.parse(process.argv[3])];
  const { past, diff, undo, redo } = questions(base);
  let asking = false;
  let turn = 0;
  let asked = Promise.resolve(0);
  const ask = async () => {
    let count = 0;
    for (; asking; turn += 1, count += 4) {
      await past(seqs[turn % seqs.length]);
      await diff();
      await undo();
      await redo();
    }
    return count;
  };
  process.on('disconnect', () => process.exit());
  process.on('message', async (message) => {
    asking = message === 'start';
    if (asking) asked = ask();
    else process.send(await asked);
  });
}
