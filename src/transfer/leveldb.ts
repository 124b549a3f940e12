// Reads a LevelDB folder without LevelDB: no native module, no lock, and nothing in the folder is changed (opening one with LevelDB plays its
// log into new tables). For folders whose server has stopped. https://github.com/google/leveldb/blob/main/doc/impl.md

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ByteCursor, UnreadableSource } from './byte-cursor.js';
import { readRecords } from './leveldb-records.js';
import { readTable } from './leveldb-table.js';

/** Tags of a version edit in the manifest. */
const edit = {
  comparator: 1,
  log: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  removed: 6,
  added: 7,
  earlierLog: 9,
} as const;
const comparator = 'leveldb.BytewiseComparator';
const internalBytes = 8;
const kinds = { removal: 0, value: 1 } as const;

interface Version {
  /** Numbers of the tables in force. */
  readonly tables: ReadonlySet<number>;
  readonly log: number;
  readonly earlierLog: number;
}

interface Newest {
  readonly sequence: bigint;
  /** `null` when the key was removed. */
  readonly value: Buffer | null;
}

export const isLevelDb = (folder: string): boolean => existsSync(join(folder, 'CURRENT'));

/** All live entries in order of their keys. Throws `UnreadableSource` for damage, and when somebody writes there. */
export const readLevelDb = (folder: string): readonly (readonly [key: Buffer, value: Buffer])[] => {
  const before = snapshotOf(folder);
  const newest = new Map<string, Newest>();
  const note = (key: Buffer, sequence: bigint, value: Buffer | null): void => {
    const name = key.toString('latin1');
    const known = newest.get(name);
    if (!known || known.sequence < sequence) newest.set(name, { sequence, value });
  };
  const version = readManifest(folder);
  for (const table of version.tables) about(tableFile(folder, table), (bytes) => noteTable(bytes, note));
  for (const log of logsOf(folder, version)) about(log, (bytes) => noteLog(bytes, note));
  if (snapshotOf(folder) !== before) {
    throw new UnreadableSource(`${folder} changed while it was read. Stop the server that writes there first.`);
  }
  return [...newest]
    .filter((entry): entry is [string, Newest & { value: Buffer }] => entry[1].value !== null)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, { value }]) => [Buffer.from(key, 'latin1'), value]);
};

type Note = (key: Buffer, sequence: bigint, value: Buffer | null) => void;

const noteTable = (bytes: Buffer, note: Note): void => {
  for (const { key, value } of readTable(bytes)) {
    if (key.length < internalBytes) throw new UnreadableSource('has a key that is too short');
    const packed = key.readBigUInt64LE(key.length - internalBytes);
    const isValue = Number(packed & 0xffn) === kinds.value;
    note(key.subarray(0, key.length - internalBytes), packed >> 8n, isValue ? value : null);
  }
};

/** Each record is a batch: a sequence number, a count, and so many puts and removals. */
const noteLog = (bytes: Buffer, note: Note): void => {
  for (const record of readRecords(bytes)) {
    const cursor = new ByteCursor(record);
    let sequence = cursor.bytes(8).readBigUInt64LE();
    const count = cursor.bytes(4).readUInt32LE();
    for (let left = count; left > 0; left -= 1) {
      const isValue = cursor.bytes(1).readUInt8() === kinds.value;
      const key = cursor.prefixed();
      note(key, sequence, isValue ? cursor.prefixed() : null);
      sequence += 1n;
    }
  }
};

const readManifest = (folder: string): Version => {
  const name = readFileSync(join(folder, 'CURRENT'), 'utf8').trim();
  if (!/^MANIFEST-\d+$/.test(name)) throw new UnreadableSource(`${join(folder, 'CURRENT')} names no manifest`);
  const tables = new Set<number>();
  let log = 0;
  let earlierLog = 0;
  about(join(folder, name), (bytes) => {
    // A record that is missing here would be a table that is overlooked.
    for (const record of readRecords(bytes, { whole: true })) {
      const cursor = new ByteCursor(record);
      while (cursor.left > 0) {
        switch (cursor.varint()) {
          case edit.comparator: {
            const used = cursor.prefixed().toString('latin1');
            if (used !== comparator) throw new UnreadableSource(`is sorted by ${used}, which is not known here`);
            break;
          }
          case edit.log:
            log = cursor.varint();
            break;
          case edit.earlierLog:
            earlierLog = cursor.varint();
            break;
          case edit.nextFile:
          case edit.lastSequence:
            cursor.varint();
            break;
          case edit.compactPointer:
            cursor.varint();
            cursor.prefixed();
            break;
          case edit.removed:
            cursor.varint();
            tables.delete(cursor.varint());
            break;
          case edit.added:
            cursor.varint();
            tables.add(cursor.varint());
            cursor.varint();
            cursor.prefixed();
            cursor.prefixed();
            break;
          default:
            throw new UnreadableSource('has an entry that is not known here');
        }
      }
    }
  });
  return { tables, log, earlierLog };
};

const tableFile = (folder: string, table: number): string => {
  const name = String(table).padStart(6, '0');
  const [file] = ['ldb', 'sst'].map((ending) => join(folder, `${name}.${ending}`)).filter((path) => existsSync(path));
  if (file !== undefined) return file;
  throw new UnreadableSource(`${join(folder, name)}.ldb is missing`);
};

/** Logs that are not in tables yet, oldest first. */
const logsOf = (folder: string, { log, earlierLog }: Version): readonly string[] =>
  readdirSync(folder)
    .map((name) => ({ name, number: Number(/^(\d+)\.log$/.exec(name)?.[1] ?? -1) }))
    .filter(({ number }) => number >= 0 && (number >= log || number === earlierLog))
    .sort((one, other) => one.number - other.number)
    .map(({ name }) => join(folder, name));

/** Runs `work` with a file's bytes; what is wrong there is said with its name. */
const about = (file: string, work: (bytes: Buffer) => void): void => {
  try {
    work(readFileSync(file));
  } catch (error) {
    if (error instanceof UnreadableSource) throw new UnreadableSource(`${file} ${error.message}.`);
    throw error;
  }
};

const snapshotOf = (folder: string): string =>
  readdirSync(folder)
    .filter((name) => /^(CURRENT|MANIFEST-\d+|\d+\.(log|ldb|sst))$/.test(name))
    .sort()
    .map((name) => `${name} ${statSync(join(folder, name), { throwIfNoEntry: false })?.size}`)
    .join('\n');
