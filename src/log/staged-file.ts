// A file that appears under its name when it is complete and on disk, and not before: it is written beside that name and then takes it in
// one step. What a killed process leaves behind is removed by the next one with the same aim.

import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ContrailError } from '../model/errors.js';

export interface StagedFile {
  /** Where to write until then. */
  readonly path: string;
  /** Gives it its name. Throws `already-exists` when there is such a file, unless it is to be replaced. */
  commit(options?: { readonly replace?: boolean }): void;
  /** Removes what was written, unless it was committed. */
  discard(): void;
}

/** SQLite's companions of a database. */
export const companions = ['-wal', '-shm', '-journal'] as const;

export const alreadyExists = (path: string): ContrailError =>
  new ContrailError('already-exists', `${path} exists already.`);

export const stageFile = (name: string): StagedFile => {
  const target = resolve(name);
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true });
  removeLeftovers(folder, basename(target));
  const path = join(folder, `${basename(target)}.${process.pid}.partial`);
  return {
    path,
    commit({ replace = false } = {}) {
      syncFile(path);
      if (replace) renameSync(path, target);
      else take(path, target);
      syncFile(folder);
    },
    discard: () => removeWith(path),
  };
};

const removeWith = (path: string): void => {
  for (const ending of ['', ...companions]) rmSync(`${path}${ending}`, { force: true });
};

/** By a link, which fails where a rename would overwrite; by a rename on file systems without links. */
const take = (path: string, target: string): void => {
  try {
    linkSync(path, target);
  } catch (error) {
    if (existsSync(target)) throw alreadyExists(target);
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    renameSync(path, target);
    return;
  }
  rmSync(path, { force: true });
};

const removeLeftovers = (folder: string, name: string): void => {
  for (const entry of readdirSync(folder)) {
    if (!entry.startsWith(`${name}.`)) continue;
    const pid = /^\.(\d+)\.partial$/.exec(entry.slice(name.length))?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeWith(join(folder, entry));
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Also for a folder, whose entries are then on disk. */
const syncFile = (path: string): void => {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};
