// Backups while people type: each is restored, checked, and held against what somebody had received before it began.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as Y from 'yjs';
import { runContrail } from '../support/command-line.js';
import { until } from '../support/deadline.js';
import { documentRows, replayRows } from '../support/log-rows.js';
import { missingFrom, RawClient } from '../support/raw-client.js';
import { seededRandom, wholeBelow } from '../support/seed.js';
import { generousLimits, ServerProcess } from '../support/server-process.js';

export interface BackupReport {
  readonly backups: number;
  /** Edits sent while backups ran, and how many that was a second. */
  readonly edits: number;
  readonly editsPerSecond: number;
  /** Commands that did not end with 0, `verify` among them, and what they said. */
  readonly failures: readonly string[];
  /** Structs that somebody had received before a backup began and that it lacked; rooms that lost a delete. */
  readonly lostStructs: number;
  readonly lostDeletes: number;
}

const rooms = 10;
const tickMs = 10;

/** `editsPerSecond` are asked for while each backup runs; between backups nobody types. */
export const backUpUnderLoad = async (backups: number, editsPerSecond: number, seed: number): Promise<BackupReport> => {
  const random = seededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'contrail-backups-'));
  const server = await ServerProcess.start({ env: { ...generousLimits } });
  const ids = Array.from({ length: rooms }, (_, index) => `backup/${index}`);
  const failures: string[] = [];
  let [edits, typedMs, lostStructs, lostDeletes] = [0, 0, 0, 0];
  const contrail = async (...args: readonly string[]): Promise<void> => {
    const { code, output } = await runContrail(args);
    if (code !== 0) failures.push(`${args.join(' ')} ended with ${code}: ${output}`);
  };
  const open = (user: string) => Promise.all(ids.map((id) => new RawClient(server.wsUrl, id, { user }).sync()));
  try {
    const [writers, readers] = await Promise.all([open('writer'), open('reader')]);
    const write = (): void => {
      const writer = writers[wholeBelow(random, rooms)];
      writer?.edit((doc) => {
        const text = doc.getText('content');
        if (text.length > 200 && random() < 0.5) text.delete(wholeBelow(random, text.length - 2), 2);
        else text.insert(wholeBelow(random, text.length + 1), 'ab');
      });
      edits += 1;
    };
    for (let backup = 0; backup < backups; backup += 1) {
      const started = performance.now();
      let sent = 0;
      const typing = setInterval(() => {
        for (const due = ((performance.now() - started) / 1000) * editsPerSecond; sent < due; sent += 1) write();
      }, tickMs);
      const to = join(folder, `${backup}.db`);
      const received = readers.reduce((sum, { updates }) => sum + updates, 0);
      await until(() => readers.reduce((sum, { updates }) => sum + updates, 0) > received, 'the load is under way');
      const seen = readers.map(({ doc }) => Y.encodeStateAsUpdate(doc));
      await contrail('backup', '--to', to, '--data', server.dataDir);
      clearInterval(typing);
      typedMs += performance.now() - started;
      const dataDir = join(folder, `restored-${backup}`);
      // It verifies before it restores.
      await contrail('restore', to, '--data', dataDir);
      for (const [index, id] of ids.entries()) {
        const wanted = new Y.Doc();
        Y.applyUpdate(wanted, seen[index] ?? new Uint8Array([0, 0]));
        const { structs, deletes } = missingFrom(replayRows(documentRows(dataDir, id)), wanted);
        lostStructs += structs;
        lostDeletes += deletes ? 1 : 0;
      }
      rmSync(dataDir, { recursive: true, force: true });
      rmSync(to, { force: true });
    }
    for (const client of [...writers, ...readers]) client.destroy();
  } finally {
    await server.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
  return { backups, edits, editsPerSecond: (edits / typedMs) * 1000, failures, lostStructs, lostDeletes };
};

export const describeBackups = (report: BackupReport): string =>
  `${report.backups} backups under ${report.editsPerSecond.toFixed(0)} edits/s (${report.edits} in all): ${report.failures.length} failures, ` +
  `lost ${report.lostStructs} structs, ${report.lostDeletes} deletes`;
