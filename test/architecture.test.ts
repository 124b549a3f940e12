// The import table of ARCHITECTURE.md, held against every source file.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const mayImport: Record<string, readonly string[]> = {
  model: [],
  log: ['model'],
  crdt: ['model'],
  flights: ['model'],
  notify: ['model', 'flights'],
  http: ['model', 'crdt', 'flights', 'notify'],
  embed: ['model', 'crdt', 'flights', 'notify', 'http'],
  transfer: ['model'],
  commands: ['.', 'model', 'log', 'crdt', 'transfer'],
  client: ['model'],
};

/** Packages that belong to certain folders alone; `.` is src/*.ts. */
const ownedPackages: Record<string, readonly string[]> = {
  'better-sqlite3': ['log'],
  'y-protocols': ['crdt', 'client'],
  lib0: ['crdt', 'client'],
  hono: ['http', '.'],
  '@hono/zod-openapi': ['http', 'embed'],
  zod: ['http'],
  ws: ['http'],
  jose: ['http', '.', 'commands'],
  commander: ['commands'],
  '@hono/node-server': ['.'],
  pino: ['.'],
};

const vagueNames = /(^|\/)(utils?|helpers?|common|misc|manager|service|index)(\.ts$|\/)/;
const maxLines = 300;

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const folderOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '.') : '.');
const importsOf = (file: string): readonly { readonly from: string; readonly typeOnly: boolean }[] => {
  const text = readFileSync(join('src', file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^'"`;]*?from\s+['"]([^'"]+)['"]|^import\s+()['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)/gm,
  );
  return [...found].map((match) => ({
    typeOnly: match[1] !== undefined,
    from: match[2] ?? match[4] ?? match[5] ?? '',
  }));
};
const packageOf = (specifier: string): string =>
  specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '');

test('folders import only what the table allows', () => {
  const faults: string[] = [];
  for (const file of files) {
    const folder = folderOf(file);
    for (const { from, typeOnly } of importsOf(file)) {
      if (!from.startsWith('.')) continue;
      const target = folderOf(normalize(join(dirname(file), from)));
      const allowed = folder === '.' || target === folder || (mayImport[folder] ?? []).includes(target);
      const typesAlone = (folder === 'client' || (folder === 'notify' && target === 'flights')) && target !== folder;
      if (!allowed) faults.push(`${file} imports ${from}`);
      else if (typesAlone && !typeOnly) faults.push(`${file} imports more than types from ${from}`);
    }
  }
  assert.equal(faults, []);
});

test('packages are imported only where they belong', () => {
  const faults: string[] = [];
  for (const file of files) {
    const folder = folderOf(file);
    for (const { from } of importsOf(file)) {
      if (from.startsWith('.')) continue;
      const owners = ownedPackages[packageOf(from)];
      if (owners && !owners.includes(folder)) faults.push(`${file} imports ${from}`);
      if (folder === 'client' && from.startsWith('node:')) faults.push(`${file} imports ${from}, which browsers lack`);
    }
  }
  assert.equal(faults, []);
});

test('only config.ts reads the environment', () => {
  const readers = files.filter(
    (file) => file !== 'config.ts' && readFileSync(join('src', file), 'utf8').includes('process.env'),
  );
  assert.equal(readers, []);
});

test(`files are named by a noun and at most ${maxLines} lines long`, () => {
  const vague = files.filter((file) => vagueNames.test(file));
  const long = files
    .map((file) => ({ file, lines: readFileSync(join('src', file), 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > maxLines);
  assert.equal({ vague, long }, { vague: [], long: [] });
});

test('nothing escapes the type checker', () => {
  const escapes = files.filter((file) =>
    /(: any\b|as any\b|<any>|@ts-ignore|@ts-expect-error)/.test(readFileSync(join('src', file), 'utf8')),
  );
  assert.equal(escapes, []);
});

test.run();
