#!/usr/bin/env node
// The process: arguments in, an exit code out. What the commands do is in commands/, what the server does in server.ts.

import { exitCodes } from './commands/exit-codes.js';
import { runProgram } from './commands/program.js';

// A reader that has seen enough (`contrail export … | head`) is no failure of anybody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2), { out: process.stdout, err: process.stderr });
