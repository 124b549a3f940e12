// `contrail backup` and `contrail restore`: the whole database out, and in again.

import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { copyDatabase, setAside, upgradeCopy } from '../log/maintenance.js';
import { takeOwnerLock } from '../log/owner-lock.js';
import { databaseFile } from '../log/sqlite-log.js';
import { alreadyExists, stageFile } from '../log/staged-file.js';
import { ContrailError } from '../model/errors.js';
import { systemClock } from '../model/time.js';
import { projections } from '../projections.js';
import { type Invocation, notFound } from './command.js';
import { existingDatabase } from './database.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import type { Terminal } from './terminal.js';
import { checkDatabase } from './verify-command.js';

export const backup = async (invocation: Invocation): Promise<ExitCode> => {
  const { terminal } = invocation;
  const file = existingDatabase(invocation);
  const to = newFile(invocation.text('to') ?? '');
  if (existsSync(to)) throw alreadyExists(to);
  const staged = stageFile(to);
  try {
    await copyDatabase(file, staged.path, (part) => terminal.progress(part, 'copying'));
    if (invocation.flag('verify')) await assertSound(staged.path, terminal, 'The copy is not sound and was not kept.');
    staged.commit();
  } finally {
    staged.discard();
  }
  const { size } = statSync(to);
  terminal.report(`Copied ${file} to ${to}, ${size} bytes.`, { type: 'done', file, to, bytes: size });
  return exitCodes.done;
};

const newFile = (to: string): string => {
  const isFolder = to.endsWith('/') || statSync(to, { throwIfNoEntry: false })?.isDirectory() === true;
  return resolve(isFolder ? join(to, `contrail-${stamp()}.db`) : to);
};

const stamp = (): string => new Date().toISOString().replace(/\.\d+|[-:]/g, '');

/** Two restores may fall into one second. */
const unusedName = (name: string): string => {
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : `${name}-${number}`;
    if (!existsSync(tried)) return tried;
  }
};

export const restore = async (invocation: Invocation): Promise<ExitCode> => {
  const { terminal } = invocation;
  const from = resolve(invocation.args[0] ?? '');
  if (!existsSync(from)) throw notFound(`There is no backup at ${from}.`);
  const file = resolve(databaseFile(invocation.config.dataDir));
  const force = invocation.flag('force');
  const lock = takeOwnerLock(file, systemClock);
  try {
    const replaces = existsSync(file);
    if (replaces && !force)
      throw new ContrailError(
        'already-exists',
        `There is a database at ${file}. --force replaces it, and keeps it under another name.`,
      );
    const staged = stageFile(file);
    try {
      await copyDatabase(from, staged.path, (part) => terminal.progress(part / 2, 'copying'));
      upgradeCopy(staged.path, projections);
      await assertSound(staged.path, terminal, 'The backup is not sound and was not restored.');
      const kept = replaces ? unusedName(`${file}.before-restore-${stamp()}`) : null;
      if (kept !== null) setAside(file, kept);
      staged.commit({ replace: true });
      const keeping = kept === null ? '' : ` The database that was there is now ${kept}.`;
      terminal.report(`Restored ${from} to ${file}.${keeping}`, { type: 'done', from, file, kept });
      return exitCodes.done;
    } finally {
      staged.discard();
    }
  } finally {
    lock.release();
  }
};

const assertSound = async (path: string, terminal: Terminal, otherwise: string): Promise<void> => {
  const { faults } = await checkDatabase(path, terminal);
  if (faults > 0) throw new ContrailError('damaged-event', otherwise);
};
