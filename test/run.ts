// Runs every *.test.ts of this folder (with `--browser` every *.browser.ts), one file after the other, in one process: `npm test`, or
// `npm test -- gate room` for files whose path contains one of the words. It fails when a file registered nothing, anything was skipped, a
// hook threw, or a file hung: uvu alone would exit 0 in each of these cases.

import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

type SuiteResult = [errors: string | true, passed: number, skipped: number, total: number];
type UvuGlobals = {
  UVU_DEFER: number;
  UVU_INDEX: number;
  UVU_QUEUE: [string | null, ...(() => Promise<SuiteResult>)[]][];
};

const fileTimeoutMs = 15 * 60_000;
const here = fileURLToPath(new URL('.', import.meta.url));
const words = process.argv.slice(2).filter((argument) => argument !== '--browser');
const ending = process.argv.includes('--browser') ? '.browser.js' : '.test.js';
const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith(ending) && (words.length === 0 || words.some((word) => file.includes(word))))
  .sort();

const uvu = globalThis as unknown as UvuGlobals;
uvu.UVU_DEFER = 1;
uvu.UVU_QUEUE = [];

let passed = 0;
let failed = 0;
let skipped = 0;
const faults: string[] = [];
const fault = (text: string) => {
  failed += 1;
  faults.push(text);
  console.error(`\n${text}`);
};

let current = '';
const closing = () => console.log(`\n${passed} passed, ${failed} failed`);
const abort = (text: string) => {
  fault(text);
  closing();
  process.exit(1);
};
process.on('uncaughtException', (error) =>
  abort(`${current}: uncaught ${error instanceof Error ? error.stack : error}`),
);
process.on('unhandledRejection', (error) =>
  abort(`${current}: unhandled ${error instanceof Error ? error.stack : error}`),
);
process.on('exit', (code) => {
  if (current !== '' && code === 0) {
    console.error(`${current}: the event loop ran empty in the middle of a test`);
    process.exitCode = 1;
  }
});

for (const [index, file] of files.entries()) {
  current = relative(process.cwd(), join(here, file));
  const started = performance.now();
  uvu.UVU_INDEX = index;
  uvu.UVU_QUEUE.push([file]);
  const hung = setTimeout(
    () => abort(`${current}: still running after ${fileTimeoutMs / 60_000} minutes`),
    fileTimeoutMs,
  );
  console.log(`\n${current}`);
  try {
    await import(pathToFileURL(join(here, file)).href);
    const suites = (uvu.UVU_QUEUE[index] ?? [null]).slice(1) as (() => Promise<SuiteResult>)[];
    if (suites.length === 0) fault(`${current}: registered no tests (a forgotten .run()?)`);
    for (const suite of suites) {
      const [errors, ran, skips, total] = await suite();
      passed += ran;
      skipped += skips;
      if (errors !== true && errors.length > 0) {
        failed += total - ran;
        faults.push(`${current}\n${errors}`);
        console.error(`\n${errors}`);
      } else if (ran !== total) fault(`${current}: ${total - ran} tests did not run`);
      if (total === 0) fault(`${current}: an empty suite`);
    }
  } catch (error) {
    fault(`${current}: ${error instanceof Error ? error.stack : String(error)}`);
  }
  clearTimeout(hung);
  console.log(`  ${Math.round(performance.now() - started)} ms`);
}
current = '';

if (skipped > 0) fault(`${skipped} tests were skipped`);
if (passed === 0) fault('no test ran');
if (faults.length > 0) console.error(`\nFailures:\n${faults.join('\n')}`);
closing();
process.exit(failed === 0 ? 0 : 1);
