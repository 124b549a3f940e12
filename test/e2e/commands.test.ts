// The operator's commands against a database that a real server wrote.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { jwtVerify } from 'jose';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { type CommandEnd, contrailHere, runContrail } from '../support/command-line.js';
import { documentRows } from '../support/log-rows.js';
import { ServerProcess } from '../support/server-process.js';

type Contrail = (...args: readonly string[]) => Promise<CommandEnd>;

interface Workplace {
  readonly dataDir: string;
  readonly server: ServerProcess;
  readonly contrail: Contrail;
  readonly post: (path: string, body: object, user?: string) => Promise<void>;
}

const withDatabase = async (work: (workplace: Workplace) => Promise<void>): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-commands-'));
  const server = await ServerProcess.start({ dataDir });
  const post: Workplace['post'] = async (path, body, user = 'alice') => {
    const answer = await fetch(`${server.url}/api/realtime${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'x-user-id': user },
    });
    assert.ok(answer.ok, `${path} ${answer.status} ${await answer.text()}`);
  };
  try {
    for (const id of ['one', 'two', 'three']) {
      await post('/documents/create', { id, title: `Number ${id}`, content: id });
    }
    await work({
      dataDir,
      server,
      post,
      contrail: (...args) => contrailHere(args, { DATA_DIR: dataDir }),
    });
  } finally {
    await server.dispose();
    rmSync(dataDir, { recursive: true, force: true });
  }
};

const change = (dataDir: string, sql: string): void => {
  const db = new Database(join(dataDir, 'contrail.db'));
  db.exec(sql);
  db.close();
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
  withDatabase(async ({ dataDir, server, contrail }) => {
    const beside = await contrail('rebuild');
    assert.is(beside.code, 3, beside.output);
    for (const part of [`process ${server.pid} on `, ` at ${server.url}, since 20`]) {
      assert.ok(beside.stderr.includes(part), `names the server: ${beside.stderr}`);
    }
    await server.stop();
    const file = join(dataDir, 'contrail.db');
    const before = titles(file);
    assert.is(before.length, 3);
    change(dataDir, "UPDATE document SET title = 'spoiled'");
    const found = await contrail('verify');
    assert.is(found.code, 1, found.output);
    assert.match(found.output, /projection document/);
    const rebuilt = await contrail('rebuild');
    assert.is(rebuilt.code, 0, rebuilt.output);
    assert.equal(titles(file), before);
    const clean = await contrail('verify');
    assert.is(clean.code, 0, clean.output);
  }));

test('a second server names the first: process, host, address, and since when', () =>
  withDatabase(async ({ server, dataDir }) => {
    const second = await runContrail(['serve', '--port', '0'], { env: { DATA_DIR: dataDir } });
    assert.is(second.code, 3, second.output);
    assert.match(
      second.stderr,
      new RegExp(`is in use by process ${server.pid} on \\S+ at ${server.url}, since \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z`),
    );
    assert.not.match(second.stderr, / at .*\.js/, 'no stack');
  }));

test('verify names the stream and seq of a damaged event', () =>
  withDatabase(async ({ dataDir, server, contrail }) => {
    await server.stop();
    change(dataDir, "UPDATE event SET actor = 'mallory' WHERE stream = 'doc/two' AND seq = 1");
    const found = await contrail('verify');
    assert.is(found.code, 1, found.output);
    assert.match(found.output, /event doc\/two 1/);
    const lines = (await contrail('verify', '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(
      lines
        .filter(({ type, stream }) => type === 'finding' && stream !== null)
        .map(({ kind, stream, seq }) => ({ kind, stream, seq })),
      [{ kind: 'event', stream: 'doc/two', seq: 1 }],
    );
    assert.ok(lines.at(-1).faults >= 1);
  }));

test('verify finds a checkpoint that says something else than the events, and an event that cannot be replayed', () =>
  withDatabase(async ({ dataDir, server, contrail, post }) => {
    // Random text does not compress, and a checkpoint is due after 64 KiB.
    for (let at = 0; at < 4; at += 1) {
      await post('/documents/two/edits', {
        path: ['content'],
        action: 'insert',
        index: at,
        value: `${at}`.repeat(20_000),
      });
    }
    await server.stop();
    const clean = await contrail('verify');
    assert.is(clean.code, 0, clean.output);
    const db = new Database(join(dataDir, 'contrail.db'));
    const { crc32, deflateRawSync } = await import('node:zlib');
    const wrong = new Y.Doc();
    wrong.getText('content').insert(0, 'something else');
    const state = deflateRawSync(Y.encodeStateAsUpdate(wrong));
    const { seq } = db.prepare("SELECT seq FROM checkpoint WHERE stream = 'doc/two'").get() as { seq: number };
    db.prepare("UPDATE checkpoint SET state = ?, crc = ? WHERE stream = 'doc/two'").run(
      state,
      crc32(state, crc32(`doc/two\n${seq}\n`)),
    );
    db.close();
    const found = await contrail('verify');
    assert.is(found.code, 1);
    assert.match(found.output, new RegExp(`checkpoint doc/two ${seq} says something else`));
  }));

test('backup copies the database beside a running server, and overwrites nothing', () =>
  withDatabase(async ({ dataDir, contrail }) => {
    const to = join(dataDir, 'copy.db');
    const first = await contrail('backup', '--to', to, '--verify');
    assert.is(first.code, 0, first.output);
    assert.is(titles(to).length, 3);
    const again = await contrail('backup', '--to', to);
    assert.is(again.code, 1);
    assert.match(again.stderr, /exists already/);
    const named = await contrail('backup', '--to', `${dataDir}/backups/`);
    assert.is(named.code, 0, named.output);
    assert.match(readdirSync(join(dataDir, 'backups')).join(), /^contrail-\d{8}T\d{6}Z\.db$/);
  }));

test('restore brings a backup back, asks before it replaces, and refuses one that is damaged', () =>
  withDatabase(async ({ dataDir, server, contrail, post }) => {
    const copy = join(dataDir, 'copy.db');
    assert.is((await contrail('backup', '--to', copy)).code, 0);
    await post('/documents/create', { id: 'four' });
    assert.is((await contrail('restore', copy, '--force')).code, 3, 'not beside a server');
    await server.stop();
    const file = join(dataDir, 'contrail.db');
    assert.is(titles(file).length, 4);
    const refused = await contrail('restore', copy);
    assert.is(refused.code, 1);
    assert.match(refused.stderr, /--force/);
    const restored = await contrail('restore', copy, '--force');
    assert.is(restored.code, 0, restored.output);
    assert.is(titles(file).length, 3);
    const kept = readdirSync(dataDir).filter((name) => name.includes('before-restore'));
    assert.is(kept.length, 1);
    assert.is(titles(join(dataDir, kept[0] ?? '')).length, 4, 'what was replaced is kept');
    const db = new Database(copy);
    db.exec("UPDATE event SET payload = x'00' WHERE stream = 'doc/one'");
    db.close();
    const damaged = await contrail('restore', copy, '--data', join(dataDir, 'elsewhere'));
    assert.is(damaged.code, 1);
    assert.match(damaged.output, /doc\/one 1/);
    assert.not.ok(existsSync(join(dataDir, 'elsewhere', 'contrail.db')));
    await server.restart();
    assert.is((await fetch(`${server.url}/api/realtime/documents/four`)).status, 404);
  }));

test('export writes a state as JSON, text or update, also of the past', () =>
  withDatabase(async ({ dataDir, contrail, post }) => {
    await post('/documents/one/edits', { path: ['content'], action: 'insert', index: 0, value: 'now ' }, 'bob');
    assert.equal(JSON.parse((await contrail('export', 'one')).stdout), { content: 'now one' });
    assert.is((await contrail('export', 'one', '--format', 'text', '--seq', '1')).stdout, 'one');
    const out = join(dataDir, 'one.bin');
    assert.is((await contrail('export', 'one', '--format', 'update', '--out', out)).code, 0);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, readFileSync(out));
    assert.is(doc.getText('content').toString(), 'now one');
    for (const [args, code] of [
      [['export', 'nothing'], 1],
      [['export', 'one', '--seq', '9'], 1],
      [['export', 'one', '--seq', 'x'], 2],
      [['export', '../one'], 2],
      [['export'], 2],
      [['export', 'one', 'two'], 2],
      [['export', 'one', '--out', out], 1],
    ] as const)
      assert.is((await contrail(...args)).code, code, args.join(' '));
  }));

test('export and import of a history keep every event, its author and its time', () =>
  withDatabase(async ({ dataDir, contrail, post }) => {
    await post('/documents/one/edits', { path: ['content'], action: 'insert', index: 0, value: 'a' }, 'alice');
    await post('/documents/one/edits', { path: ['content'], action: 'insert', index: 1, value: 'b' }, 'bob');
    await post('/documents/one/undo', {}, 'alice');
    await post('/documents/one/versions', { name: 'draft' }, 'bob');
    await post('/documents/one/restore', { seq: 2 }, 'carol');
    await post('/documents/one/share', { userIds: ['dave'], role: 'viewer' });
    const archive = join(dataDir, 'all.ndjson');
    assert.is((await contrail('export', '--all', '--format', 'ndjson', '--out', archive)).code, 0);
    const elsewhere = join(dataDir, 'elsewhere');
    const imported = await contrail('import', archive, '--data', elsewhere);
    assert.is(imported.code, 0, imported.output);
    for (const id of ['one', 'two', 'three']) assert.equal(documentRows(elsewhere, id), documentRows(dataDir, id), id);
    const verified = await contrail('verify', '--data', elsewhere);
    assert.is(verified.code, 0, verified.output);
    const again = await contrail('export', '--all', '--format', 'ndjson', '--data', elsewhere);
    assert.is(again.stdout, readFileSync(archive, 'utf8'));

    const server = await ServerProcess.start({ dataDir: elsewhere });
    try {
      const versions = await fetch(`${server.url}/api/realtime/documents/one/versions`);
      assert.equal(
        ((await versions.json()) as { versions: { name: string; actor: string }[] }).versions.map(({ name, actor }) => [
          name,
          actor,
        ]),
        [['draft', 'bob']],
      );
      // The stacks are read from the log, so they came along.
      const undo = await fetch(`${server.url}/api/realtime/documents/one/undo`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', 'x-user-id': 'carol' },
      });
      assert.ok(undo.ok, await undo.text());
    } finally {
      await server.dispose();
    }

    const lines = readFileSync(archive, 'utf8').trimEnd().split('\n');
    const spoiled: Readonly<Record<string, readonly string[]>> = {
      'cut short': lines.slice(0, -1),
      'an event is missing': lines.filter((line) => !line.includes('"seq":3')),
      'not JSON': [...lines, 'not json'],
      'an update that is none': lines.map((line) =>
        line.replace(/"kind":"edit","payload":"[^"]+"/, '"kind":"edit","payload":"AAAA"'),
      ),
      'a poisonous update': lines.map((line) =>
        line.replace(
          /"kind":"edit","payload":"[^"]+"/,
          `"kind":"edit","payload":"${Buffer.from('01c094de0f0100', 'hex').toString('base64')}"`,
        ),
      ),
      'nobody as actor': lines.map((line) => line.replace('"actor":"bob"', '"actor":""')),
    };
    for (const [what, changed] of Object.entries(spoiled)) {
      const file = join(dataDir, 'spoiled.ndjson');
      writeFileSync(file, `${changed.join('\n')}\n`);
      const refused = await contrail('import', file, '--data', join(dataDir, 'spoiled'));
      assert.is(refused.code, 1, `${what}: ${refused.output}`);
      assert.not.ok(existsSync(join(dataDir, 'spoiled', 'contrail.db')), what);
    }
  }));

test('history lists who did what and when, by filter', () =>
  withDatabase(async ({ contrail, post }) => {
    await post('/documents/one/edits', { path: ['content'], action: 'insert', index: 0, value: 'a' }, 'bob');
    const all = (await contrail('history', 'one', '--order', 'asc', '--json')).stdout.trim().split('\n');
    assert.equal(
      all.map((line) => JSON.parse(line)).map(({ seq, actor, kind }) => [seq, actor, kind]),
      [
        [1, 'alice', 'created'],
        [2, 'bob', 'edit'],
      ],
    );
    const [line, ...rest] = (await contrail('history', 'one', '--actor', 'bob')).stdout.trim().split('\n');
    assert.match(line ?? '', /^2 .*edit +bob/);
    assert.is(rest.length, 0);
    assert.is((await contrail('history', 'one', '--kind', 'edti')).code, 2);
    assert.is((await contrail('history', 'one', '--since', 'yesterday')).code, 2);
  }));

test('token makes one that the server takes', async () => {
  const secret = 'a secret of more than thirty-two bytes';
  const made = await contrailHere(
    ['token', '--user', 'alice', '--name', 'Alice', '--admin', '--document', 'plan=viewer', '--ttl', '2m'],
    { JWT_SECRET: secret, JWT_ISSUER: 'me' },
  );
  assert.is(made.code, 0, made.output);
  const { payload } = await jwtVerify(made.stdout.trim(), new TextEncoder().encode(secret), { issuer: 'me' });
  assert.equal(
    { sub: payload.sub, name: payload['name'], roles: payload['roles'], documents: payload['documents'] },
    {
      sub: 'alice',
      name: 'Alice',
      roles: ['admin'],
      documents: { plan: 'viewer' },
    },
  );
  assert.is(Number(payload.exp) - Number(payload.iat), 120);
  assert.is((await contrailHere(['token', '--user', 'alice'], { JWT_SECRET: '' })).code, 2);
});

test('what is misspelt is answered with the nearest, and help teaches by examples', async () => {
  const command = await contrailHere(['serv']);
  assert.is(command.code, 2);
  assert.match(command.stderr, /Did you mean serve\?/);
  const option = await contrailHere(['restore', 'x', '--forc']);
  assert.is(option.code, 2);
  assert.match(option.stderr, /Did you mean --force\?/);
  const help = await contrailHere(['--help']);
  assert.is(help.code, 0);
  assert.match(help.stdout, /Exit codes: 0 /);
  for (const name of ['serve', 'verify', 'backup', 'restore', 'export', 'import', 'rebuild', 'history', 'token']) {
    assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
    const own = await contrailHere([name, '--help']);
    assert.is(own.code, 0);
    assert.match(own.stdout, new RegExp(`Examples:\n  contrail ${name}`));
  }
  assert.is((await contrailHere([])).code, 2);
});

test('settings that cannot be served with end it with exit code 2, whichever they are', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-commands-'));
  try {
    const wrong: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{ HOST: '0.0.0.0' }, /HOST=0\.0\.0\.0: .*loopback/],
      [{ PORT: 'http' }, /PORT=http/],
      [{ JWT_SECRET: 'x'.repeat(40), JWKS_URL: 'http://127.0.0.1:9/keys' }, /JWT_SECRET and JWKS_URL/],
      [{ TRUSTED_PROXIES: '10.0.0.0/8,proxy.internal' }, /TRUSTED_PROXIES=.*"proxy\.internal"/],
    ];
    for (const [env, text] of wrong) {
      const { code, stderr } = await runContrail(['serve'], { env: { PORT: '0', DATA_DIR: dataDir, ...env } });
      assert.is(code, 2, stderr);
      assert.match(stderr, text);
      assert.equal(readdirSync(dataDir), [], 'nothing was touched');
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test.run();
