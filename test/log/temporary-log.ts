// SQLite logs in temporary folders, for tests.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteLog, type SqliteLog, type SqliteLogOptions } from '../../src/log/sqlite-log.js';

export const writerUrl = new URL('../../src/writer.js', import.meta.url);

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
