// Runs `contrail`: as a shell would, or in this process, which is much faster.

import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../src/commands/program.js';

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));

export interface CommandEnd {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, one after the other. */
  readonly output: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process once it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs to the end of the command, whatever that is. */
export const runContrail = (args: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: { readonly out: Buffer[]; readonly err: Buffer[] } = { out: [], err: [] };
    child.stdout.on('data', (chunk: Buffer) => chunks.out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      const [stdout, stderr] = [Buffer.concat(chunks.out).toString(), Buffer.concat(chunks.err).toString()];
      resolve({ code, stdout, stderr, output: stdout + stderr });
    });
    options.onStart?.(child);
  });

/** The same in this process, with `env` as its environment meanwhile; not for `serve`. One at a time. */
export const contrailHere = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandEnd> => {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([buffer(out), buffer(err)]);
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    const code = await runProgram(args, { out, err });
    out.end();
    err.end();
    const [stdout, stderr] = (await said).map(String) as [string, string];
    return { code, stdout, stderr, output: stdout + stderr };
  } finally {
    process.env = before;
  }
};
