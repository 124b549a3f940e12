// What `contrail import` is given: which of the kinds it knows it is, and the documents in it.

import { closeSync, createReadStream, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { readHocuspocusFile } from '../log/hocuspocus-file.js';
import { type ArchivedEvent, type ArchiveHeader, readArchive } from '../transfer/archive.js';
import { UnreadableSource } from '../transfer/byte-cursor.js';
import type { ForeignDocument } from '../transfer/foreign-document.js';
import { isLevelDb } from '../transfer/leveldb.js';
import { readYLevelDb } from '../transfer/y-leveldb.js';
import { notFound, UsageError } from './command.js';

export type SourceFormat = 'ndjson' | 'update' | 'y-leveldb' | 'hocuspocus';

export interface ArchivedDocument {
  readonly header: ArchiveHeader;
  readonly events: readonly ArchivedEvent[];
}

const sqliteMark = 'SQLite format 3\0';

/** Throws UsageError for what none of the formats can be. */
export const formatOf = (path: string): SourceFormat => {
  if (!existsSync(path)) throw notFound(`There is nothing at ${path}.`);
  if (statSync(path).isDirectory()) {
    if (isLevelDb(path)) return 'y-leveldb';
    throw new UsageError(`${path} is a folder, but no LevelDB: it has no file CURRENT.`);
  }
  const start = firstBytes(path);
  if (start.toString('latin1') === sqliteMark) return 'hocuspocus';
  return start[0] === 0x7b ? 'ndjson' : 'update';
};

const firstBytes = (path: string): Buffer => {
  const handle = openSync(path, 'r');
  try {
    const start = Buffer.alloc(sqliteMark.length);
    return start.subarray(0, readSync(handle, start));
  } finally {
    closeSync(handle);
  }
};

/** The documents of a program that keeps their states alone. Throws `UnreadableSource`, `LogRefused`. */
export const foreignDocuments = (
  path: string,
  format: Exclude<SourceFormat, 'ndjson'>,
  updateName: string | undefined,
): readonly ForeignDocument[] => {
  switch (format) {
    case 'y-leveldb':
      return readYLevelDb(path);
    case 'hocuspocus':
      return readHocuspocusFile(path);
    case 'update':
      if (updateName === undefined)
        throw new UsageError('A Yjs update has no name of its own: --id says which document it becomes.');
      return [{ name: updateName, updates: [readFileSync(path)] }];
  }
};

/** The documents of an archive, one after the other, with all their events. Throws `UnreadableSource`. */
export async function* archivedDocuments(
  path: string,
  onProgress: (part: number) => void,
): AsyncGenerator<ArchivedDocument, void> {
  const bytes = statSync(path).size;
  const file = createReadStream(path, { encoding: 'utf8' });
  const lines = createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    let header: ArchiveHeader | null = null;
    let events: ArchivedEvent[] = [];
    for await (const read of readArchive(lines)) {
      if (read.type === 'event') {
        events.push(read.event);
        continue;
      }
      if (header) yield { header, events };
      header = read.header;
      events = [];
      onProgress(file.bytesRead / bytes);
    }
    if (header) yield { header, events };
  } catch (error) {
    if (error instanceof UnreadableSource) throw new UnreadableSource(`${path}: ${error.message}`);
    throw error;
  } finally {
    lines.close();
    file.destroy();
  }
}
