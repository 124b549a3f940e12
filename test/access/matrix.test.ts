// The matrix: every role with every route, and every role with every frame in every encoding. What may pass is computed from the one table of
// roles; everything else must be refused in the right words and leave no row in the log.

import { readFileSync } from 'node:fs';
import * as encoding from 'lib0/encoding';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { type Action, allows, type Role } from '../../src/model/roles.js';
import { until } from '../support/deadline.js';
import { messageType, syncType } from '../support/raw-client.js';
import { type Claims, inWorld, tokenOf, type World } from './world.js';

interface Visitor {
  readonly name: string;
  readonly userId: string;
  /** What they may do; `null` for somebody who may not know of the document. */
  readonly role: Role | null;
  readonly claims: (document: string) => Claims;
}

const stored = (userId: string, role: Role | null): Visitor => ({ name: userId, userId, role, claims: () => ({}) });
const visitors: readonly Visitor[] = [
  stored('alice', 'owner'),
  stored('bob', 'editor'),
  stored('victor', 'viewer'),
  stored('mallory', null),
  { ...stored('ada', null), name: 'an admin without a role', claims: () => ({ roles: ['admin'] }) },
  {
    ...stored('ada', 'viewer'),
    name: 'an admin whom the host lets read',
    claims: (id) => ({ roles: ['admin'], documents: { [id]: 'viewer' } }),
  },
  {
    ...stored('bob', 'viewer'),
    name: 'an editor whom the host lets only read',
    claims: (id) => ({ documents: { [id]: 'viewer' } }),
  },
  {
    ...stored('mallory', 'editor'),
    name: 'a stranger whom the host lets edit',
    claims: (id) => ({ documents: { [id]: 'editor' } }),
  },
  {
    ...stored('mallory', null),
    name: 'a stranger with a claim elsewhere',
    claims: () => ({ documents: { other: 'owner' } }),
  },
];
const shares = { bob: 'editor', victor: 'viewer' } as const;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly action: Action;
  readonly query?: string;
  readonly body?: unknown;
}

/** What each route about one document asks for. The test below fails when a route is missing here. */
const routes: readonly Route[] = [
  { method: 'get', path: '/documents/{id}', action: 'read', query: 'content=text' },
  { method: 'get', path: '/documents/{id}/history', action: 'read' },
  { method: 'get', path: '/documents/{id}/at', action: 'read', query: 'seq=1' },
  { method: 'get', path: '/documents/{id}/users', action: 'read' },
  { method: 'get', path: '/documents/{id}/cursors', action: 'read' },
  { method: 'get', path: '/documents/{id}/diff', action: 'read', query: 'from=1&to=2' },
  { method: 'get', path: '/documents/{id}/attribution', action: 'read' },
  { method: 'get', path: '/documents/{id}/versions', action: 'read' },
  { method: 'post', path: '/documents/{id}/versions', action: 'edit', body: { name: 'second' } },
  {
    method: 'patch',
    path: '/documents/{id}/versions/{versionId}',
    action: 'edit',
    body: { name: 'renamed' },
  },
  { method: 'delete', path: '/documents/{id}/versions/{versionId}', action: 'edit' },
  { method: 'delete', path: '/documents/{id}/versions', action: 'edit', query: 'version={versionId}' },
  {
    method: 'post',
    path: '/documents/{id}/edits',
    action: 'edit',
    body: { path: ['content'], action: 'insert', value: 'x' },
  },
  { method: 'post', path: '/documents/{id}/undo', action: 'edit', body: { scope: 'document' } },
  { method: 'post', path: '/documents/{id}/redo', action: 'edit', body: { scope: 'document' } },
  { method: 'post', path: '/documents/{id}/restore', action: 'edit', body: { seq: 1 } },
  { method: 'patch', path: '/documents/{id}', action: 'edit', body: { title: 'Another' } },
  { method: 'put', path: '/documents/{id}/lock', action: 'lock', body: { ttlSeconds: 5 } },
  { method: 'delete', path: '/documents/{id}/lock', action: 'lock' },
  { method: 'post', path: '/documents/{id}/share', action: 'share', body: { userIds: ['carol'], role: 'viewer' } },
  { method: 'delete', path: '/documents/{id}/collaborators/{userId}', action: 'share' },
  { method: 'delete', path: '/documents/{id}', action: 'delete' },
];

test('every route about a document is in the matrix', () =>
  inWorld(async (world) => {
    const { paths } = (await (await fetch(`${world.url}/api-docs/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, object>>;
    };
    const declared = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path.replace('/api/realtime', '')}`),
    );
    assert.equal(
      declared.filter((route) => route.includes(' /documents/{id}')).sort(),
      routes.map(({ method, path }) => `${method} ${path}`).sort(),
    );
  }));

test('every role with every route: exactly the allowed ones pass, the others leave no row', () =>
  inWorld(async (world) => {
    let number = 0;
    for (const visitor of visitors) {
      for (const route of routes) {
        number += 1;
        const id = `plan-${number}`;
        await world.document(id, shares);
        await world.as('alice', 'POST', `/documents/${id}/edits`, {
          path: ['content'],
          action: 'insert',
          value: 'text',
        });
        const version = await world.as('alice', 'POST', `/documents/${id}/versions`, { name: 'first' });
        const before = world.rows(id).length;
        const address = `${route.path}${route.query ? `?${route.query}` : ''}`;
        const path = address
          .replace('{id}', id)
          .replace('{userId}', 'victor')
          .replace('{versionId}', String(version['id']));
        const token = await tokenOf(visitor.userId, visitor.claims(id));
        const { status } = await world.call(route.method.toUpperCase(), path, token, route.body);
        const what = `${visitor.name}: ${route.method} ${route.path} answered ${status}`;
        const isNothingToRedo = route.path.endsWith('/redo') && status === 409;
        // An admin may break any lock; there is none here.
        if (route.path.endsWith('/lock') && route.method === 'delete' && visitor.userId === 'ada')
          assert.is(status, 200, what);
        else if (allows(visitor.role, route.action))
          assert.ok((status >= 200 && status < 300) || isNothingToRedo, what);
        else {
          assert.is(status, visitor.role === null ? 404 : 403, what);
          assert.is(world.rows(id).length, before, what);
        }
        assert.is((await world.call(route.method.toUpperCase(), path, null, route.body)).status, 401, what);
      }
    }
  }));

/** A varint with `extra` bytes more than it needs. */
const varUint = (value: number, extra: number): number[] => {
  const bytes = [...encoding.encode((encoder) => encoding.writeVarUint(encoder, value))];
  if (extra === 0) return bytes;
  const last = bytes.pop() ?? 0;
  return [...bytes, last | 0x80, ...Array.from({ length: extra - 1 }, () => 0x80), 0];
};

interface Encoding {
  readonly name: string;
  readonly encode: (type: number, kind: number | null, body: Uint8Array | null) => Uint8Array | string;
}

/** A frame whose numbers have some bytes more than they need, and whose length may be that of another. */
const build = (
  { type = 0, kind = 0, length = 0, more = 0 }: Readonly<Record<string, number>>,
  ...[messageKind, syncKind, body]: Parameters<Encoding['encode']>
): Uint8Array =>
  Uint8Array.from([
    ...varUint(messageKind, type),
    ...(syncKind === null ? [] : varUint(syncKind, kind)),
    ...(body === null ? [] : [...varUint(body.length + more, length), ...body]),
  ]);
const plain = (...args: Parameters<Encoding['encode']>): Uint8Array => build({}, ...args);
const encodings: readonly Encoding[] = [
  { name: 'minimal', encode: plain },
  ...[1, 4].flatMap((extra): Encoding[] => [
    { name: `type ${extra} longer`, encode: (...args) => build({ type: extra }, ...args) },
    { name: `kind ${extra} longer`, encode: (...args) => build({ kind: extra }, ...args) },
    { name: `length ${extra} longer`, encode: (...args) => build({ length: extra }, ...args) },
    {
      name: `every number ${extra} longer`,

      encode: (...args) => build({ type: extra, kind: extra, length: extra }, ...args),
    },
  ]),
  { name: 'a byte behind', encode: (...args) => Uint8Array.from([...plain(...args), 0]) },
  { name: 'twice in one', encode: (...args) => Uint8Array.from([...plain(...args), ...plain(...args)]) },
  { name: 'a byte short', encode: (...args) => plain(...args).subarray(0, -1) },
  { name: 'as text', encode: (...args) => Buffer.from(plain(...args)).toString('latin1') },
  { name: 'length of another', encode: (...args) => build({ more: 7 }, ...args) },
];

interface FrameKind {
  readonly name: string;
  /** The action that its effect on the log asks for; `null` when it has none. */
  readonly action: Action | null;
  /** It asks for that action, and finds nothing to do. */
  readonly logsNothing?: true;
  readonly type: number;
  readonly kind: number | null;
  /** `null` where there is none. */
  readonly body: (doc: Y.Doc) => Uint8Array | null;
  /** What there must be for it to have an effect; everything about it is logged before the frame is sent. */
  readonly prepare?: (world: World, id: string) => Promise<unknown>;
}

const edited = (doc: Y.Doc, change: (doc: Y.Doc) => void): Uint8Array => {
  const before = Y.encodeStateVector(doc);
  doc.transact(() => change(doc));
  return Y.encodeStateAsUpdate(doc, before);
};
const controlRequest = (
  name: string,
  action: Action | null,
  request: { readonly do: string; readonly [argument: string]: unknown },
) => ({
  ...{ name, action, type: messageType.control, kind: null },
  body: () => new TextEncoder().encode(JSON.stringify({ id: 7, ...request })),
});
const insertByAlice = (world: World, id: string) =>
  world.as('alice', 'POST', `/documents/${id}/edits`, { path: ['content'], action: 'insert', value: 'x' });
const undoByAlice = async (world: World, id: string) => {
  await insertByAlice(world, id);
  await world.as('alice', 'POST', `/documents/${id}/undo`, { scope: 'document' });
};
const { sync } = messageType;
const frames: readonly FrameKind[] = [
  { name: 'step1', action: null, type: sync, kind: syncType.step1, body: (doc) => Y.encodeStateVector(doc) },
  {
    name: 'step2 with news',
    action: 'edit',
    type: sync,
    kind: syncType.step2,
    body: (doc) => edited(doc, () => doc.getMap('m').set('k', 1)),
  },
  {
    name: 'an insertion',
    action: 'edit',
    type: sync,
    kind: syncType.update,
    body: (doc) => edited(doc, () => doc.getText('content').insert(0, 'x')),
  },
  {
    name: 'a deletion',
    action: 'edit',
    type: sync,
    kind: syncType.update,
    body: (doc) => edited(doc, () => doc.getText('content').delete(0, 2)),
  },
  {
    name: 'what waits for another',
    action: 'edit',
    type: sync,
    kind: syncType.update,
    body: (doc) => {
      doc.getText('content').insert(0, 'a');
      return edited(doc, () => doc.getText('content').insert(1, 'b'));
    },
  },
  { name: 'nothing new', action: null, type: sync, kind: syncType.update, body: (doc) => Y.encodeStateAsUpdate(doc) },
  {
    name: 'presence',
    action: null,
    type: messageType.awareness,
    kind: null,
    body: (doc) => {
      const awareness = new Awareness(doc);
      awareness.setLocalState({ user: { id: 'alice' } });
      const update = encodeAwarenessUpdate(awareness, [doc.clientID]);
      awareness.destroy();
      return update;
    },
  },
  { name: 'a question for presence', action: null, type: messageType.queryAwareness, kind: null, body: () => null },
  controlRequest('hello', null, { do: 'hello' }),
  controlRequest('status', null, { do: 'status', status: 'away' }),
  controlRequest('read', null, { do: 'read', upTo: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }),
  controlRequest('subscribe', null, { do: 'subscribe', channel: 'notifications' }),
  controlRequest('unsubscribe', null, { do: 'unsubscribe', channel: 'notifications' }),
  { ...controlRequest('undo', 'edit', { do: 'undo', scope: 'document' }), prepare: insertByAlice },
  { ...controlRequest('redo', 'edit', { do: 'redo', scope: 'document' }), prepare: undoByAlice },
  controlRequest('lock', 'lock', { do: 'lock' }),
  { ...controlRequest('unlock where there is no lock', 'lock', { do: 'unlock' }), logsNothing: true },
  {
    ...controlRequest('unlock', 'break-lock', { do: 'unlock' }),
    prepare: (world, id) => world.as('alice', 'PUT', `/documents/${id}/lock`, { ttlSeconds: 600 }),
  },
];

test('every control request is in the matrix', () => {
  const table = readFileSync('docs/wire.md', 'utf8').split('## Control messages')[1]?.split(/^## /m)[0] ?? '';
  const documented = table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([a-z]+)`/g)].map(([, name]) => name));
  const tried = frames.filter(({ type }) => type === messageType.control).map(({ name }) => name.split(' ')[0]);
  assert.ok(documented.length > 8);
  assert.equal(documented.sort(), [...new Set(tried)].sort());
});

const frameDocument = (visitor: Visitor, frame: FrameKind): string =>
  `frames-${visitor.name}-${frame.name}`.replaceAll(' ', '-');

const tryFrame = async (
  world: World,
  visitor: Visitor & { role: Role },
  frame: FrameKind,
  encoded: Encoding,
): Promise<void> => {
  const id = frameDocument(visitor, frame);
  const what = `${visitor.name}, ${frame.name}, ${encoded.name}`;
  const member = await world.join(id, visitor.userId, visitor.claims(id));
  const body = frame.body(member.doc);
  const bytes = encoded.encode(frame.type, frame.kind, body);
  // What the frame does not have cannot be written longer.
  const isSame =
    Buffer.from(plain(frame.type, frame.kind, body)).equals(Buffer.from(bytes)) && typeof bytes !== 'string';
  if (isSame) await frame.prepare?.(world, id);
  const before = world.rows(id).length;
  member.send(bytes);
  if (isSame) {
    // The first is answered after the server has asked for what it lacks, the second after that has been logged.
    await member.ask('hello');
    await member.ask('hello');
    assert.is(member.closed, null, what);
    const isByAdmin = visitor.name.includes('an admin') && frame.name.startsWith('unlock');
    const allowed = frame.action !== null && (isByAdmin || allows(visitor.role, frame.action));
    if (frame.type === messageType.control) {
      await until(() => member.told.some(({ id: answered }) => answered === 7), `${what}: an answer`);
      const answer = member.told.find((told) => told.id === 7);
      // Who may lock is told of another's lock, whoever may not is told that.
      const refusal = frame.name === 'unlock' && allows(visitor.role, 'lock') ? 'locked' : 'forbidden';
      assert.is(answer?.error?.code, allowed || frame.action === null ? undefined : refusal, what);
    }
    assert.is(world.rows(id).length - before, allowed && !frame.logsNothing ? 1 : 0, what);
    const isRefusedEdit = frame.type === sync && frame.kind !== syncType.step1 && frame.name !== 'nothing new';
    assert.is(member.denied, visitor.role === 'viewer' && isRefusedEdit ? 1 : 0, what);
    if (frame.name === 'lock' && allowed) await member.ask('unlock');
  } else {
    assert.is((await member.closing()).code, 4400, what);
    assert.is(world.rows(id).length, before, what);
  }
  member.destroy();
};

test('every role with every frame in every encoding: exactly the allowed ones are logged', () =>
  inWorld(async (world) => {
    for (const visitor of visitors) {
      const { role } = visitor;
      if (role === null) continue; // they do not come so far
      const tryAll = async (frame: FrameKind): Promise<void> => {
        const id = frameDocument(visitor, frame);
        await world.as('alice', 'POST', '/documents/create', { id, content: 'some text to delete' });
        for (const [userId, given] of Object.entries(shares))
          await world.as('alice', 'POST', `/documents/${id}/share`, { userIds: [userId], role: given });
        for (const encoded of encodings) await tryFrame(world, { ...visitor, role }, frame, encoded);
      };
      await Promise.all(frames.map(tryAll));
    }
  }));

test('who has no role gets no connection, whatever they send first', () =>
  inWorld(async (world) => {
    await world.document('plan', shares);
    for (const visitor of visitors.filter(({ role }) => role === null)) {
      const member = world.connect('plan', await tokenOf(visitor.userId, visitor.claims('plan')));
      assert.is((await member.closing()).code, 4403, visitor.name);
      assert.is(member.step2s, 0);
    }
    for (const token of ['', 'no.token.atall']) {
      const nobody = world.connect('plan', token);
      assert.is((await nobody.closing()).code, 4401, `"${token}"`);
      assert.is(nobody.step2s, 0);
    }
    assert.is(world.rows('plan').length, 3);
  }));

test('a viewer who keeps writing is closed after a hundred tries', () =>
  inWorld(async (world) => {
    await world.document('plan', shares);
    const victor = await world.join('plan', 'victor');
    for (let index = 0; index < 100; index += 1) victor.type('x');
    await victor.ask('hello');
    assert.is(victor.closed, null);
    victor.type('x');
    assert.is((await victor.closing()).code, 4403);
    assert.is(world.rows('plan').length, 3);
  }));

test.run();
