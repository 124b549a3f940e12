// Starts the long tests by name: `npm run torture -- <name> <args…>`. Without a name it lists them; `all` runs each with its full counts.
// A torture is a file of this folder that exports `torture(args)`, prints its figures and its seed, and throws when something is wrong.

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

type Torture = (args: readonly string[]) => Promise<void>;

const here = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(here)
  .filter((file) => file.endsWith('.js') && file !== 'run.js')
  .map((file) => file.slice(0, -'.js'.length))
  .sort();

const load = async (name: string): Promise<Torture> => {
  const module = (await import(new URL(`./${name}.js`, import.meta.url).href)) as { torture?: Torture };
  if (typeof module.torture !== 'function') throw new Error(`${name} exports no torture(args)`);
  return module.torture;
};

const run = async (name: string, args: readonly string[]): Promise<boolean> => {
  const started = performance.now();
  console.log(`\n${name} ${args.join(' ')}`);
  try {
    await (await load(name))(args);
    return true;
  } catch (error) {
    console.error(error);
    return false;
  } finally {
    console.log(`  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
};

const [name, ...args] = process.argv.slice(2);
if (name === undefined) {
  console.log(`npm run torture -- <name> <args…>, or all\n${names.map((each) => `  ${each}`).join('\n')}`);
} else if (name === 'all') {
  const failed: string[] = [];
  for (const each of names) if (!(await run(each, []))) failed.push(each);
  console.log(
    `\n${names.length - failed.length} passed, ${failed.length} failed${failed.map((each) => ` ${each}`).join('')}`,
  );
  process.exit(failed.length === 0 ? 0 : 1);
} else if (names.includes(name)) {
  process.exit((await run(name, args)) ? 0 : 1);
} else {
  console.error(`There is no ${name}. There are: ${names.join(', ')}`);
  process.exit(2);
}
