// SQLite logs in temporary folders, for tests.

import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteLog, type SqliteLog, type SqliteLogOptions } from '../../src/log/sqlite-log.js';

/** A writer without projections: the log's own tests make events that no projection would understand. */
export const writerUrl = new URL('./bare-writer.js', import.meta.url);

export const withFolder = async (work: (dataDir: string) => Promise<void>): Promise<void> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'contrail-log-'));
  try {
    await work(dataDir);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
};

export const openLog = (dataDir: string, options: Partial<SqliteLogOptions> = {}): Promise<SqliteLog> =>
  openSqliteLog({ dataDir, durability: 'full', writerUrl, ...options });

export const withLog = (
  work: (log: SqliteLog, dataDir: string) => Promise<void>,
  options: Partial<SqliteLogOptions> = {},
): Promise<void> =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, options);
    try {
      await work(log, dataDir);
    } finally {
      await log.close();
    }
  });

export const faultyWriterUrl = new URL('./faulty-writer.js', import.meta.url);
export type Fault = 'full' | 'commit' | 'begin' | 'die' | 'lost' | 'refuse';
/** Breaks or, with `null`, heals the disk under a log whose writer is faulty-writer.ts. */
export const setFault = (dataDir: string, fault: Fault | null): void => {
  const file = join(dataDir, 'fault');
  if (fault === null) rmSync(file, { force: true });
  else writeFileSync(file, fault);
};

/** Waits until the condition holds; throws after the deadline. */
export const until = async (condition: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> => {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`It did not come true within ${deadlineMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
