// The reader of LevelDB folders, on one that LevelDB itself wrote.

import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { UnreadableSource } from '../../src/transfer/byte-cursor.js';
import { maskedCrc } from '../../src/transfer/leveldb-records.js';
import { unsnappy } from '../../src/transfer/snappy.js';
import { readYLevelDb } from '../../src/transfer/y-leveldb.js';
import { foreignSource, foreignStates } from '../support/foreign.js';
import { chooseSeed, seededRandom, wholeBelow } from '../support/seed.js';

const source = foreignSource['y-leveldb'];

const withCopy = (work: (folder: string) => void): void => {
  const folder = mkdtempSync(join(tmpdir(), 'contrail-leveldb-'));
  try {
    for (const name of readdirSync(source)) copyFileSync(join(source, name), join(folder, name));
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const states = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readYLevelDb(folder).map(({ name, updates }) => {
      const doc = new Y.Doc();
      doc.transact(() => {
        for (const update of updates) Y.applyUpdate(doc, update);
      });
      return [name, Buffer.from(Y.encodeStateAsUpdate(doc)).toString('base64')];
    }),
  );

test('crc and snappy are those that LevelDB uses', () => {
  // RFC 3720, B.4: 32 bytes of zeros have the CRC-32C 8a9136aa; masked by LevelDB's rule.
  const crc = 0x8a91_36aa;
  assert.is(maskedCrc(new Uint8Array(32)), (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0);
  // A literal of three bytes, then a copy of nine from three back, which overlaps what it writes.
  assert.is(unsnappy(Buffer.from([12, 0x08, 97, 98, 99, (5 << 2) | 1, 3])).toString(), 'abcabcabcabc');
  for (const bad of ['', 'ff', '0c0861', '05ffffff', '04080162', 'ffffffffff0f00'])
    assert.throws(
      () => unsnappy(Buffer.from(bad, 'hex')),
      (error: unknown) => error instanceof UnreadableSource,
      bad,
    );
});

test('a folder of y-websocket is read, tables and log, and nothing in it changes', () =>
  withCopy((folder) => {
    const endings = readdirSync(folder).map((name) => name.split('.')[1]);
    assert.ok(endings.includes('ldb') && endings.includes('log'), 'the folder has both');
    const look = () =>
      readdirSync(folder).map((name) => [
        name,
        statSync(join(folder, name)).mtimeMs,
        statSync(join(folder, name)).size,
      ]);
    const before = look();
    const found = states(folder);
    assert.equal(look(), before);
    for (const [name, state] of foreignStates('y-leveldb')) {
      const [doc, expected] = [new Y.Doc(), new Y.Doc()];
      Y.applyUpdate(doc, Buffer.from(found.get(name) ?? '', 'base64'));
      Y.applyUpdate(expected, state);
      assert.ok(Y.equalSnapshots(Y.snapshot(doc), Y.snapshot(expected)), name);
    }
  }));

test('the end of a log that was being written is left out, as LevelDB does', () =>
  withCopy((folder) => {
    const log = readdirSync(folder).find((name) => name.endsWith('.log')) ?? '';
    const bytes = readFileSync(join(folder, log));
    for (const cut of [1, 5, 300]) {
      writeFileSync(join(folder, log), bytes.subarray(0, bytes.length - cut));
      assert.ok(readYLevelDb(folder).length > 0);
    }
  }));

test('a folder with a damaged, a missing or a foreign file is refused with the name of the file', () => {
  const refused = (change: (folder: string) => void, expected: RegExp): void =>
    withCopy((folder) => {
      change(folder);
      assert.throws(
        () => readYLevelDb(folder),
        (error: unknown) => error instanceof UnreadableSource && expected.test(error.message),
        String(expected),
      );
    });
  const nameOf = (folder: string, ending: string): string =>
    join(folder, readdirSync(folder).find((name) => name.includes(ending)) ?? '');
  refused((folder) => rmSync(nameOf(folder, '.ldb')), /\.ldb is missing/);
  refused((folder) => writeFileSync(nameOf(folder, '.ldb'), 'no table'), /\.ldb is no table/);
  refused((folder) => writeFileSync(join(folder, 'CURRENT'), '../../etc/passwd\n'), /names no manifest/);
  withCopy((folder) => {
    rmSync(nameOf(folder, '.log'));
    mkdirSync(nameOf(folder, 'x'), { recursive: true });
    assert.ok(readYLevelDb(folder).length > 0, 'a missing log is an empty one');
  });
});

test('a bit turned anywhere is noticed or harmless: never other content, never an unexpected error', () => {
  const random = seededRandom(chooseSeed());
  const truth = states(source);
  let noticed = 0;
  for (let flip = 0; flip < 60; flip += 1)
    withCopy((folder) => {
      const names = readdirSync(folder);
      const file = join(folder, names[wholeBelow(random, names.length)] ?? '');
      const bytes = readFileSync(file);
      const at = wholeBelow(random, bytes.length);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << wholeBelow(random, 8)), at);
      writeFileSync(file, bytes);
      try {
        const found = states(folder);
        // The length of a log's last record may be what was hit: then that record counts as unfinished.
        if (!file.endsWith('.log')) assert.equal(found, truth, `${file} ${at}`);
      } catch (error) {
        if (!(error instanceof UnreadableSource) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        noticed += 1;
      }
    });
  assert.ok(noticed > 20, `${noticed} of 60 were noticed`);
});

test.run();
