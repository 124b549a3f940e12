// What the server writes into documents for people over REST and the socket: edits, undo, redo, restore; and what it refuses.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { ControlError, type StockProvider } from '../../src/client/control.js';
import { redo, undo } from '../../src/client/provider.js';
import { documentJson } from '../../src/crdt/root-types.js';
import { orderless, visible } from '../crdt/undo-oracle.js';
import { until } from '../support/deadline.js';
import { withLocalServer } from '../support/local-server.js';
import { dice, seedOr } from '../support/random.js';
import { randomEdit } from '../support/random-edits.js';
import { RawClient } from '../support/raw-client.js';
import { Rest } from '../support/rest.js';
import { StockClient } from '../support/stock-client.js';

const seed = seedOr(41);

interface Body {
  readonly seq: number;
  readonly undone: readonly number[];
  readonly changes: readonly unknown[];
  readonly id: number;
  readonly code: string;
  readonly head: number;
  readonly errors: readonly { readonly at: string; readonly detail: string }[];
}

const ask = async (rest: Rest, method: string, path: string, body?: unknown): Promise<Body & { status: number }> => {
  const answer = await rest.call(method, path, body);
  const text = Buffer.from(answer.bytes).toString();
  return { ...(text === '' ? {} : (JSON.parse(text) as Body)), status: answer.status } as Body & { status: number };
};

test(`restoring any of 50 versions brings all roots back, undoing that the later state, and history keeps everything (seed ${seed})`, () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'alice');
    const owner = new Rest(server.url, 'dora');
    const client = new RawClient(server.wsUrl, 'plan', { user: 'alice', params: { channels: 'none' } });
    try {
      await client.sync();
      const random = dice(seed);
      const versions: { id: number; seq: number; json: string }[] = [];
      for (let version = 0; version < 50; version++) {
        for (let edits = 0; edits < 5; edits++) client.edit((doc) => randomEdit(doc, 'alice', random));
        await client.request({ id: version + 1, do: 'hello' });
        await until(
          async () =>
            orderless(contentOf(await rest.json('/documents/plan?content=json'))) ===
            orderless(documentJson(client.doc)),
          'the edits are logged',
        );
        const made = await ask(rest, 'POST', '/documents/plan/versions', { name: `version ${version}` });
        assert.is(made.status, 201);
        versions.push({
          id: made.id,
          seq: made.seq,
          json: orderless(await rest.json(`/documents/plan/at?seq=${made.seq}`)),
        });
      }
      let before = orderless(contentOf(await rest.json('/documents/plan?content=json')));
      for (const { id, seq, json } of versions) {
        const dry = await ask(owner, 'POST', '/documents/plan/restore', { version: id, dryRun: true });
        const done = await ask(owner, 'POST', '/documents/plan/restore', { version: id });
        assert.is(done.status, 200);
        assert.is(dry.changes.length, done.changes.length);
        assert.is(orderless(contentOf(await rest.json('/documents/plan?content=json'))), json, `version ${id}`);
        await until(() => orderless(documentJson(client.doc)) === json, 'the editor shows the version');
        assert.is(orderless(await rest.json(`/documents/plan/at?seq=${seq}`)), json, 'the version is still there');
        if (done.changes.length === 0) continue;
        const undone = await ask(owner, 'POST', '/documents/plan/undo');
        assert.equal([undone.status, undone.undone], [200, [done.seq]]);
        const after = orderless(contentOf(await rest.json('/documents/plan?content=json')));
        // Formats that Yjs tidied away after the restore cannot come back.
        const strip = (text: string) => text.replaceAll(/<\/?(bold|color|true|red)[^>]*>/g, '');
        assert.is(strip(after), strip(before), `the later state is back after version ${id}`);
        before = after;
      }
      const { versions: listed } = await rest.json<{ versions: { id: number; name: string }[] }>(
        '/documents/plan/versions',
      );
      assert.is(listed.length, 50);
    } finally {
      client.destroy();
    }
  }));

const contentOf = (document: { content: object }): object => document.content;

test('who typed, left, and came back after a restart undoes their last step with one call, and redoes it over the socket', () =>
  withLocalServer(async (server) => {
    const first = await new StockClient(server.wsUrl, 'plan', { user: 'alice' }).synced();
    first.text.insert(0, 'kept. ');
    await until(async () => (await new Rest(server.url, 'alice').documentText('plan')) === 'kept. ', 'it is saved');
    await new Promise((resolve) => setTimeout(resolve, 600)); // a pause of the person: the next step is its own
    first.text.insert(6, 'regretted');
    await until(
      async () => (await new Rest(server.url, 'alice').documentText('plan')) === 'kept. regretted',
      'it is saved',
    );
    first.close();
    await server.restart();
    const rest = new Rest(server.url, 'alice');
    const undone = await ask(rest, 'POST', '/documents/plan/undo');
    assert.equal([undone.status, undone.undone], [200, [3]]);
    assert.is(await rest.documentText('plan'), 'kept. ');

    const again = await new StockClient(server.wsUrl, 'plan', { user: 'alice' }).synced();
    const provider = again.provider as unknown as StockProvider;
    assert.is(again.text.toString(), 'kept. ');
    assert.equal(await redo(provider), { seq: 5, undone: [4] });
    await until(() => again.text.toString() === 'kept. regretted', 'the step is back');
    again.text.insert(0, '> ');
    const own = await undo(provider);
    assert.equal(own.undone, [6], 'an edit that is on its way to the disk is part of what undo sees');
    await undo(provider);
    await undo(provider);
    const error = await undo(provider).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof ControlError && error.code === 'nothing-to-undo');
    again.close();
  }));

test('a seed is never doubled: created, restarted, opened by two at once, ten times', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'alice');
    for (let round = 0; round < 10; round++) {
      const id = `seeded-${round}`;
      assert.is((await ask(rest, 'POST', '/documents/create', { id, content: 'once' })).status, 201);
      if (round % 3 === 0) await server.restart();
      const clients = ['alice', 'bob'].map((user) => new StockClient(server.wsUrl, id, { user }));
      try {
        await Promise.all(clients.map((client) => client.synced()));
        for (const client of clients) assert.is(client.text.toString(), 'once');
        assert.is((await ask(rest, 'POST', '/documents/create', { id, content: 'once' })).status, 409);
        assert.is(await rest.documentText(id), 'once');
      } finally {
        for (const client of clients) client.close();
      }
      assert.is(
        (await ask(rest, 'POST', `/documents/${id}/undo`)).code,
        'nothing-to-undo',
        'a seed is no step of anybody',
      );
    }
  }));

test('edits by path reach live editors, answer their seq, and are steps of their actor', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'alice');
    const bob = await new StockClient(server.wsUrl, 'plan', { user: 'bob' }).synced();
    try {
      const edit = (body: object) => ask(rest, 'POST', '/documents/plan/edits', body);
      assert.equal(await edit({ path: ['content'], action: 'insert', value: 'hello' }), { seq: 2, status: 201 });
      assert.equal(await edit({ path: ['tasks'], action: 'insert', key: 'one', value: { done: false } }), {
        seq: 3,
        status: 201,
      });
      assert.equal(await edit({ path: ['list'], action: 'insert', value: 7 }), { seq: 4, status: 201 });
      await until(() => bob.doc.getArray('list').length === 1, 'bob has all three');
      assert.is(bob.text.toString(), 'hello');
      assert.equal(bob.doc.getMap('tasks').toJSON(), { one: { done: false } });
      const match = (seq: string) =>
        fetch(`${server.url}/api/realtime/documents/plan/edits`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-user-id': 'alice', 'if-match': seq },
          body: JSON.stringify({ path: ['content'], action: 'delete', index: 0, length: 1 }),
        });
      const refused = await match('3');
      assert.is(refused.status, 412);
      assert.is(((await refused.json()) as Body).head, 4);
      assert.is((await match('"4"')).status, 201);
      await until(() => bob.text.toString() === 'ello', 'bob sees the delete');
      const { undone } = await ask(rest, 'POST', '/documents/plan/undo');
      assert.equal(undone, [2, 3, 4, 5], 'without pauses they are one step');
      await until(() => visible(bob.doc) === visible(new Y.Doc()), 'all is undone for bob');
    } finally {
      bob.close();
    }
  }));

/** Faster than people, but slow enough that even on a machine that stalls carol's edit is within reach of an undo: the last 1,000 events. */
const typingPauseMs = 5;

test('a document that people type in without pause does not starve an undo, a restore or an edit', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'carol');
    const typists = ['alice', 'bob'].map(
      (user) => new RawClient(server.wsUrl, 'busy', { user, params: { channels: 'none' } }),
    );
    try {
      for (const typist of typists) await typist.sync();
      assert.is(
        (await ask(rest, 'POST', '/documents/busy/edits', { path: ['note'], action: 'insert', value: 'by carol' }))
          .status,
        201,
      );
      let typing = true;
      let typed = 0;
      const writing = typists.map(async (typist) => {
        while (typing) {
          typist.edit((doc) => doc.getText('content').insert(0, 'x'));
          typed += 1;
          await new Promise((resolve) => setTimeout(resolve, typingPauseMs));
        }
      });
      await until(() => typed > 50, 'they type');
      const statuses: number[] = [];
      for (const [path, body] of [
        ['undo', {}],
        ['redo', {}],
        ['restore', { seq: 2 }],
        ['edits', { path: ['note'], action: 'insert', value: '!' }],
        ['undo', {}],
      ] as const)
        statuses.push((await ask(rest, 'POST', `/documents/busy/${path}`, body)).status);
      typing = false;
      await Promise.all(writing);
      assert.equal(statuses, [200, 200, 200, 201, 200]);
      await until(
        () => visible(typists[0]?.doc ?? new Y.Doc()) === visible(typists[1]?.doc ?? new Y.Doc()),
        'both have the same',
      );
      for (const typist of typists) assert.is(typist.closed, null);
      console.log(`  ${typed} keystrokes meanwhile`);
    } finally {
      for (const typist of typists) typist.destroy();
    }
  }));

test('versions are named, renamed and deleted; a page goes on where the last one ended', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'alice');
    await ask(rest, 'POST', '/documents/create', { id: 'a/b', content: 'text' });
    const path = '/documents/a%2Fb/versions';
    const one = await ask(rest, 'POST', path, { name: 'one' });
    assert.equal([one.status, one.seq, one.id], [201, 1, 2]);
    assert.is((await ask(rest, 'POST', path, { name: 'two', seq: 2 })).seq, 2);
    assert.is((await ask(rest, 'PATCH', `${path}/2`, { name: 'first' })).status, 200);
    const page = await rest.json<{ versions: { name: string }[]; next: string }>(`${path}?limit=1`);
    const others = await rest.json<{ versions: { name: string }[] }>(`${path}?limit=5&next=${page.next}`);
    assert.equal(
      [...page.versions, ...others.versions].map(({ name }) => name),
      ['first', 'two'],
    );
    assert.is((await ask(rest, 'DELETE', `${path}/2`)).status, 204);
    assert.is((await ask(rest, 'DELETE', `${path}/2`)).status, 404);
    await server.restart();
    const left = await rest.json<{ versions: { name: string }[] }>(path);
    assert.equal(
      left.versions.map(({ name }) => name),
      ['two'],
    );
  }));

test('a past state has an ETag that holds, by seq or by time', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'alice');
    await ask(rest, 'POST', '/documents/create', { id: 'plan', content: 'text' });
    await ask(rest, 'POST', '/documents/plan/edits', { path: ['content'], action: 'insert', value: '!' });
    const get = (query: string, etag?: string) =>
      fetch(`${server.url}/api/realtime/documents/plan/at?${query}`, {
        headers: etag ? { 'if-none-match': etag } : {},
      });
    for (const query of [
      'seq=1',
      'seq=1&as=text',
      'seq=1&as=update',
      'seq=1&as=text&name=other',
      `time=${new Date(Date.now() + 60_000).toISOString()}&as=text`,
    ]) {
      const answer = await get(query);
      assert.is(answer.status, 200, query);
      const etag = answer.headers.get('etag') ?? '';
      assert.is((await get(query, `"x", ${etag}`)).status, 304, query);
      assert.is((await get(query, '"x"')).status, 200, query);
    }
    assert.is(await (await get('seq=1&as=text')).text(), 'text');
    assert.is(await (await get(`time=${new Date(Date.now() + 60_000).toISOString()}&as=text`)).text(), 'text!');
  }));

test('bad input is refused clearly, and changes nothing', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'alice');
    await ask(rest, 'POST', '/documents/create', { id: 'plan', content: 'text' });
    await ask(rest, 'POST', '/documents/plan/edits', { path: ['map'], action: 'insert', key: 'a', value: 1 });
    const before = await rest.text('/documents/plan?content=json');
    const refused = async (method: string, path: string, body?: unknown) => {
      const { status, code, head, errors } = await ask(rest, method, `/documents/plan/${path}`, body);
      return [status, code, head ?? errors?.map(({ at }) => at) ?? null];
    };
    assert.equal(await refused('GET', 'at?seq=3'), [404, 'seq-not-found', 2]);
    assert.equal(await refused('GET', 'at?seq=0'), [404, 'seq-not-found', 2]);
    assert.equal(await refused('GET', 'at?time=2020-01-01T00:00:00.000Z'), [404, 'seq-not-found', 2]);
    assert.equal(await refused('GET', 'at?seq=1&time=2020-01-01T00:00:00.000Z'), [400, 'bad-request', ['?seq']]);
    assert.equal(await refused('GET', 'at?time=yesterday&as=html&x=1'), [400, 'bad-request', ['?time', '?as', '?x']]);
    assert.equal(await refused('GET', 'at?seq=2&as=text&name=map'), [400, 'bad-request', ['?name']]);
    assert.equal(await refused('GET', 'diff?from=2&to=1'), [400, 'bad-request', ['?from']]);
    assert.equal(await refused('GET', 'diff?from=0&to=9'), [404, 'seq-not-found', 2]);
    assert.equal(await refused('GET', 'attribution?name=map'), [400, 'bad-request', ['?name']]);
    assert.equal(await refused('GET', 'attribution?seq=99'), [404, 'seq-not-found', 2]);
    assert.equal(await refused('POST', 'restore', { seq: 9 }), [404, 'seq-not-found', 2]);
    assert.equal(await refused('POST', 'restore', { seq: 0, dryRun: true }), [404, 'seq-not-found', 2]);
    assert.equal(await refused('POST', 'restore', { version: 2 }), [404, 'not-found', null]);
    assert.equal(await refused('POST', 'restore', {}), [400, 'bad-request', ['/seq']]);
    assert.equal(await refused('POST', 'versions', { name: '', seq: 'x', y: 1 }), [
      400,
      'bad-request',
      ['/name', '/seq', '/y'],
    ]);
    assert.equal(await refused('POST', 'versions', { name: 'late', seq: 3 }), [404, 'seq-not-found', 2]);
    assert.equal(await refused('POST', 'undo', { scope: 'everybody' }), [400, 'bad-request', ['/scope']]);
    const edit = (body: object) => refused('POST', 'edits', { action: 'insert', ...body });
    assert.equal(await edit({ path: ['map', 'a', 'b'], key: 'x', value: 1 }), [400, 'bad-request', ['/path/2']]);
    assert.equal(await edit({ path: ['map', 'nowhere'], value: 'x' }), [400, 'bad-request', ['/path/1']]);
    assert.equal(await edit({ path: ['content'], key: 'x', value: 'y' }), [400, 'bad-request', ['/key']]);
    assert.equal(await edit({ path: ['content'], index: 9, value: 'y' }), [400, 'bad-request', ['/index']]);
    assert.equal(await edit({ path: ['flights'], key: 'x', value: 1 }), [403, 'server-owned', null]);
    assert.equal(await edit({ path: [], value: 1 }), [400, 'bad-request', ['/path']]);
    assert.is((await ask(rest, 'POST', '/documents/none/undo')).status, 404);
    assert.is(await rest.text('/documents/plan?content=json'), before);
  }));

test.run();
