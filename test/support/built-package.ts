// The package as it is published: built into dist/, once in a run of the tests.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
let built: Promise<unknown> | null = null;

/** Builds as `npm run build` does; the second call of a process waits for the first. */
export const buildPackage = async (): Promise<void> => {
  built ??= run('npm', ['run', '--silent', 'build'], { timeout: 300_000 });
  await built;
};
