// npm run torture -- undo-e2e [programs] [seed]: random programs of three people's edits, undos and redos on the real server, which is
// restarted on the way, against managers that never restarted; then the same with every type.

import { run } from '../e2e/undo-restarts.js';
import { allEditKinds } from '../support/random-edits.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const [count = 1_000, seed = 1] = args.map(Number);
  for (const [name, kinds] of [
    ['text and maps', ['text', 'map']],
    ['every type', allEditKinds],
  ] as const) {
    const started = performance.now();
    const figures = await run(count, seed, { steps: 80, kinds });
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    console.log(`${name}: ${count} programs from seed ${seed} in ${seconds} s`, JSON.stringify(figures));
  }
};
