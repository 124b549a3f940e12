// The operator's commands against a database that a real server wrote.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ServerProcess } from '../support/server-process.js';

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));

const contrail = (
  dataDir: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly output: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { env: { ...process.env, DATA_DIR: dataDir } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });

const withDatabase = async (work: (dataDir: string, server: ServerProcess) => Promise<void>): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-commands-'));
  const server = await ServerProcess.start({ dataDir });
  try {
    for (const id of ['one', 'two', 'three']) {
      const answer = await fetch(`${server.url}/api/realtime/documents/create`, {
        method: 'POST',
        body: JSON.stringify({ id, title: `Number ${id}`, content: id }),
        headers: { 'content-type': 'application/json' },
      });
      assert.is(answer.status, 201);
    }
    await work(dataDir, server);
  } finally {
    await server.dispose();
    rmSync(dataDir, { recursive: true, force: true });
  }
};

const titles = (file: string): readonly string[] => {
  const db = new Database(file, { readonly: true });
  try {
    return (db.prepare('SELECT title FROM document ORDER BY id').pluck().all() as string[]) ?? [];
  } finally {
    db.close();
  }
};

test('rebuild brings back what the tables for queries held, and refuses beside a running server', () =>
  withDatabase(async (dataDir, server) => {
    const beside = await contrail(dataDir, 'rebuild');
    assert.is(beside.code, 1, beside.output);
    await server.stop();
    const file = join(dataDir, 'contrail.db');
    const before = titles(file);
    assert.is(before.length, 3);
    const db = new Database(file);
    db.exec("UPDATE document SET title = 'spoiled'");
    db.close();
    const found = await contrail(dataDir, 'verify');
    assert.is(found.code, 1, found.output);
    assert.match(found.output, /projection document/);
    const rebuilt = await contrail(dataDir, 'rebuild');
    assert.is(rebuilt.code, 0, rebuilt.output);
    assert.equal(titles(file), before);
    const clean = await contrail(dataDir, 'verify');
    assert.is(clean.code, 0, clean.output);
  }));

test('verify names the stream and seq of a damaged event', () =>
  withDatabase(async (dataDir, server) => {
    await server.stop();
    const db = new Database(join(dataDir, 'contrail.db'));
    db.prepare("UPDATE event SET actor = 'mallory' WHERE stream = 'doc/two' AND seq = 1").run();
    db.close();
    const found = await contrail(dataDir, 'verify');
    assert.is(found.code, 1, found.output);
    assert.match(found.output, /doc\/two 1/);
  }));

test('backup copies the database beside a running server, and overwrites nothing', () =>
  withDatabase(async (dataDir) => {
    const to = join(dataDir, 'copy.db');
    const first = await contrail(dataDir, 'backup', to);
    assert.is(first.code, 0, first.output);
    assert.ok(existsSync(to));
    assert.is(titles(to).length, 3);
    assert.is((await contrail(dataDir, 'backup', to)).code, 1);
  }));

test('a command that does not exist is answered with those that do', async () => {
  const { code, output } = await contrail('/nowhere', 'serv');
  assert.is(code, 2);
  assert.match(output, /contrail serve/);
});

test.run();
