// One bit of a database file is turned, again and again: what opens afterwards, what it says, and what `contrail verify` says of it.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDatabase } from '../../src/commands/verify-command.js';
import { loadState } from '../../src/crdt/replay.js';
import { documentJson } from '../../src/crdt/root-types.js';
import { LogReader } from '../../src/log/log-reader.js';
import { databaseFile, openSqliteLog } from '../../src/log/sqlite-log.js';
import type { Finding } from '../../src/log/verify.js';
import type { DocumentId } from '../../src/model/ids.js';
import type { JsonObject } from '../../src/model/json.js';
import { makeSampleDatabase } from '../support/sample-database.js';
import { seededRandom, wholeBelow } from '../support/seed.js';

export interface FlipReport {
  readonly flips: number;
  readonly fileBytes: number;
  readonly documents: number;
  /** Nothing was found, and everything is as it was. */
  readonly harmless: number;
  /** Found, and every document opens as it was: caches, indexes, free pages, definitions that reading does not use. */
  readonly cachesAlone: number;
  /** Found, with one document that does not open. */
  readonly oneDocument: number;
  /** Found, with several: they had events in the same page of the file. The worst case, and how many. */
  readonly severalDocuments: number;
  readonly mostDocuments: number;
  /** The database is refused as a whole. */
  readonly everything: number;
  /** A server that writes did not start, although documents can be read. */
  readonly refusedToWrite: number;
  /** What must not be: a document that is hurt and not named, one that is named wrong content without being named, an unexpected throw. */
  readonly failures: readonly string[];
  /** Documents that opened with other content than they had; each of them was named. */
  readonly stale: number;
}

type Content = ReadonlyMap<string, string>;

const contentOf = async (file: string, documents: readonly string[]): Promise<Content> => {
  const content = new Map<string, string>();
  let log: LogReader;
  try {
    log = new LogReader(file);
  } catch (error) {
    for (const id of documents) content.set(id, `refused: ${error}`);
    return content;
  }
  try {
    for (const id of documents) {
      try {
        const { doc, seq } = await loadState(log, id as DocumentId);
        content.set(id, `${seq} ${JSON.stringify(documentJson(doc))}`);
        doc.destroy();
      } catch (error) {
        content.set(id, `refused: ${error}`);
      }
    }
  } finally {
    log.close();
  }
  return content;
};

const findingsOf = async (file: string): Promise<readonly Finding[] | string> => {
  const findings: Finding[] = [];
  const report = (_line: string, record: JsonObject): void => {
    if (record['type'] === 'finding') findings.push(record as unknown as Finding);
  };
  try {
    await checkDatabase(file, { report, progress: () => {}, write: async () => {} });
    return findings;
  } catch (error) {
    return String(error);
  }
};

/** Whether a server could begin to write, by the log with the product's own writer. */
const opensForWriting = async (dataDir: string): Promise<boolean> => {
  const writerUrl = new URL('../../src/writer.js', import.meta.url);
  try {
    const log = await openSqliteLog({ dataDir, durability: 'normal', writerUrl });
    await log.close();
    return true;
  } catch {
    return false;
  }
};

export const flipBits = async (flips: number, seed: number): Promise<FlipReport> => {
  const random = seededRandom(seed);
  const sample = await makeSampleDatabase(random);
  const source = databaseFile(sample.dataDir);
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-flips-'));
  const file = databaseFile(dataDir);
  const bytes = readFileSync(source);
  const counts = {
    harmless: 0,
    cachesAlone: 0,
    oneDocument: 0,
    severalDocuments: 0,
    everything: 0,
    refusedToWrite: 0,
    stale: 0,
  };
  let mostDocuments = 0;
  const failures: string[] = [];
  try {
    copyFileSync(source, file);
    const truth = await contentOf(file, sample.documents);
    const before = await findingsOf(file);
    if (typeof before === 'string' || before.length > 0)
      throw new Error(`the sample is not sound: ${JSON.stringify(before)}`);
    for (let flip = 0; flip < flips; flip += 1) {
      const at = wholeBelow(random, bytes.length);
      const bit = wholeBelow(random, 8);
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
      for (const ending of ['-wal', '-shm', '-journal']) rmSync(`${file}${ending}`, { force: true });
      writeFileSync(file, changed);
      const fail = (what: string): void => {
        failures.push(`flip ${flip}, byte ${at}, bit ${bit}: ${what}`);
      };

      const content = await contentOf(file, sample.documents);
      const hurt = sample.documents.filter((id) => content.get(id) !== truth.get(id));
      const findings = await findingsOf(file);
      const refused = typeof findings === 'string';
      const named = new Set(refused ? [] : findings.map(({ stream }) => stream));
      counts.stale += hurt.filter((id) => !content.get(id)?.startsWith('refused')).length;
      if (refused || hurt.length === sample.documents.length) {
        counts.everything += 1;
        if (!refused && findings.length === 0) fail('nothing opens, and verify is content');
      } else if (findings.length === 0) {
        counts.harmless += 1;
        if (hurt.length > 0) fail(`verify is content, but ${hurt.join(', ')} changed: ${content.get(hurt[0] ?? '')}`);
      } else {
        const unnamed = hurt.filter((id) => !named.has(`doc/${id}`));
        if (unnamed.length > 0)
          fail(
            `${unnamed.join(', ')} hurt and not named: ${JSON.stringify(findings.slice(0, 5))}: ${content.get(unnamed[0] ?? '')}`,
          );
        if (hurt.length === 0) counts.cachesAlone += 1;
        else if (hurt.length === 1) counts.oneDocument += 1;
        else counts.severalDocuments += 1;
        mostDocuments = Math.max(mostDocuments, hurt.length);
      }
      if (!(await opensForWriting(dataDir))) counts.refusedToWrite += 1;
    }
  } finally {
    rmSync(sample.dataDir, { recursive: true, force: true });
    rmSync(dataDir, { recursive: true, force: true });
  }
  return { flips, fileBytes: bytes.length, documents: sample.documents.length, mostDocuments, failures, ...counts };
};

export const describeFlips = (report: FlipReport): string =>
  `${report.flips} flips in ${report.fileBytes} bytes with ${report.documents} documents: ${report.harmless} harmless, ` +
  `${report.cachesAlone} found without a document hurt, ${report.oneDocument} hurt one, ${report.severalDocuments} several ` +
  `(at most ${report.mostDocuments}), ${report.everything} the whole database; a writer was refused ${report.refusedToWrite} times; ` +
  `${report.stale} documents opened with other content, ${report.failures.length} failures`;
