// npm run torture -- undo [programs] [seed]: random programs of three people's edits, undos, redos and restarts against managers that
// never restarted; the same with every type; and with a memory so short that steps fall out of reach.

import { run } from '../crdt/undo-program.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const [count = 1_000, seed = 1] = args.map(Number);
  const kinds = ['text', 'map'] as const;
  const programs = {
    'text and maps': { steps: 150, depth: 1_000, oracle: true, kinds },
    'every type': { steps: 150, depth: 1_000, oracle: true },
    'a short memory': { steps: 250, depth: 12, oracle: false },
  };
  for (const [name, program] of Object.entries(programs)) {
    const started = performance.now();
    const figures = await run(count, seed, program);
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    console.log(`${name}: ${count} programs from seed ${seed} in ${seconds} s`, JSON.stringify(figures));
  }
};
