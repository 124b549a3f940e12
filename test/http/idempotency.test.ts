// Idempotency-Key: what a request that is sent twice does. The server is the real one; crashes are cut out of the log (the events after the
// moment of the crash are not there), and of a real process in test/e2e/broadcast-kills.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Deed, readRequest, requestEvent, requestStream } from '../../src/http/request-record.js';
import { openSqliteLog } from '../../src/log/sqlite-log.js';
import type { UserId } from '../../src/model/ids.js';
import type { NotificationPage } from '../../src/notify/notification.js';
import { type LocalServer, withLocalServer } from '../support/local-server.js';
import { createVirtualClock } from '../support/virtual-clock.js';

const alert = (message: string) => ({ type: 'alert', data: { urgency: 'high', message } });

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly replayed: boolean;
}
const post = async (
  local: LocalServer,
  path: string,
  body: unknown,
  { key, user = 'ops' }: { readonly key?: string; readonly user?: string } = {},
): Promise<Answer> => {
  const answer = await fetch(`${local.url}/api/realtime${path}`, {
    method: 'POST',
    headers: {
      'X-User-Id': user,
      'Content-Type': 'application/json',
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
    },
    body: JSON.stringify(body),
  });
  const replayed = answer.headers.get('idempotency-replayed') === 'true';
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown>, replayed };
};
const send = (local: LocalServer, key: string, message = 'hello') =>
  post(local, '/notifications/send', { userId: 'alice', ...alert(message) }, { key });
const inbox = (local: LocalServer, user = 'alice'): NotificationPage => local.server.notifications.list(user as UserId);

test('the same key 50 times at once sends one notification, and each answer is that one or "still running"', () =>
  withLocalServer(async (local) => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(local, 'pay-1')));
    const [first] = inbox(local).notifications;
    assert.is(inbox(local).total, 1);
    for (const { status, body } of answers) {
      if (status === 201) assert.is(body['id'], first?.id);
      else assert.equal([status, body['code']], [409, 'request-in-progress']);
    }
    assert.ok(answers.some(({ status }) => status === 201));
    const later = await send(local, 'pay-1');
    assert.equal([later.status, later.body['id'], later.replayed], [201, first?.id, true]);
    await local.restart();
    const afterwards = await send(local, 'pay-1');
    assert.equal([afterwards.status, afterwards.body, afterwards.replayed], [201, later.body, true]);
    assert.is(inbox(local).total, 1);
  }));

test('a key belongs to one request of one person for 24 hours', async () => {
  const clock = createVirtualClock(Date.UTC(2026, 10, 22, 8));
  await withLocalServer(
    async (local) => {
      await send(local, 'k', 'one');
      const reused = await send(local, 'k', 'two');
      assert.equal([reused.status, reused.body['code']], [422, 'key-reused']);
      const otherPath = await post(
        local,
        '/notifications/broadcast',
        { userIds: ['alice'], ...alert('one') },
        { key: 'k' },
      );
      assert.is(otherPath.status, 422);
      const other = await post(
        local,
        '/notifications/send',
        { userId: 'alice', ...alert('two') },
        { key: 'k', user: 'else' },
      );
      assert.is(other.status, 201);
      await clock.advance(24 * 3600_000 - 1);
      assert.is((await send(local, 'k', 'one')).replayed, true);
      await clock.advance(1);
      assert.is((await send(local, 'k', 'three')).replayed, false);
      assert.is(inbox(local).total, 3);
    },
    {},
    { clock },
  );
});

test('a refused request frees its key, so that it can be mended', () =>
  withLocalServer(async (local) => {
    assert.is((await post(local, '/notifications/send', { userId: 'alice' }, { key: 'k' })).status, 400);
    assert.is((await send(local, 'k')).status, 201);
    for (const key of ['', 'a b', 'x'.repeat(256)]) {
      const refused = await send(local, key);
      assert.equal([key, refused.status], [key, 400]);
    }
  }));

test('documents and broadcasts keep the promise too', () =>
  withLocalServer(async (local) => {
    const make = () => post(local, '/documents/create', { title: 'Plan', content: 'x' }, { key: 'doc' });
    const made = await make();
    const again = await make();
    assert.equal([made.status, again.status, again.body['id'], again.replayed], [201, 201, made.body['id'], true]);
    const announce = () =>
      post(local, '/notifications/broadcast', { userIds: ['alice', 'bob'], ...alert('x') }, { key: 'all' });
    const [one, two] = [await announce(), await announce()];
    assert.equal([two.status, two.body], [202, one.body]);
    assert.is(local.server.notifications.stats().broadcasts.total, 1);
  }));

/** Runs `work` on a stopped server's log. */
const tamper = async (dataDir: string, work: (log: Awaited<ReturnType<typeof openSqliteLog>>) => Promise<void>) => {
  const writerUrl = new URL('../../src/writer.js', import.meta.url);
  const log = await openSqliteLog({ dataDir, durability: 'normal', writerUrl });
  try {
    await work(log);
  } finally {
    await log.close();
  }
};

/** As if the server had stopped after the work and before the answer: a second stream takes the place of the first, without its end. */
const copyWithoutAnswer = (dataDir: string, from: string, to: string): Promise<void> =>
  tamper(dataDir, async (log) => {
    const read = await log.read(requestStream('ops' as UserId, from), 0);
    assert.is(read.kind, 'range');
    if (read.kind !== 'range') return;
    assert.equal(
      read.events.map(({ kind }) => kind),
      ['claimed', 'performed', 'answered'],
    );
    const stream = requestStream('ops' as UserId, to);
    const events = read.events
      .slice(0, 2)
      .map((event) => requestEvent(stream, event.at, { kind: event.kind as 'claimed', meta: event.meta ?? {} }));
    await log.append([{ events }]);
  });

test('after a crash behind the work, the answer is made again and nothing is done again', () =>
  withLocalServer(async (local) => {
    const bodies: readonly [string, Record<string, unknown>][] = [
      ['/notifications/send', { userId: 'alice', ...alert('once') }],
      ['/notifications/broadcast', { userIds: ['alice'], ...alert('once') }],
      ['/documents/create', { title: 'once' }],
    ];
    for (const [path, body] of bodies) {
      const first = await post(local, path, body, { key: path });
      await local.whileStopped((dataDir) => copyWithoutAnswer(dataDir, path, `${path}-crashed`));
      const before = local.server.notifications.stats().sent;
      const retried = await post(local, path, body, { key: `${path}-crashed` });
      assert.equal([path, retried.status, retried.replayed], [path, first.status, true]);
      assert.equal({ ...retried.body, activeUsers: [] }, { ...first.body, activeUsers: [] }, path);
      assert.is(local.server.notifications.stats().sent, before);
      assert.equal((await post(local, path, body, { key: `${path}-crashed` })).body, retried.body, path);
    }
  }));

test('after a crash before the work, it is done once', () =>
  withLocalServer(async (local) => {
    const { fingerprint } = await fingerprintOf(local);
    await local.whileStopped((dataDir) =>
      tamper(dataDir, async (log) => {
        const stream = requestStream('ops' as UserId, 'before');
        await log.append([{ events: [requestEvent(stream, Date.now(), { kind: 'claimed', meta: { fingerprint } })] }]);
      }),
    );
    const sent = await send(local, 'before');
    assert.equal([sent.status, sent.replayed, inbox(local).total], [201, false, 2]);
    assert.is((await send(local, 'before')).replayed, true);
  }));

test('an edit whose outcome nobody can know is refused rather than made twice', () =>
  withLocalServer(async (local) => {
    await post(local, '/documents/create', { id: 'plan', content: 'x' });
    const edit = (key: string) =>
      post(local, '/documents/plan/edits', { path: ['content'], action: 'insert', index: 0, value: 'once ' }, { key });
    const [made, again] = [await edit('e'), await edit('e')];
    assert.equal([made.status, again.status, again.body], [201, 201, made.body]);
    const stream = requestStream('ops' as UserId, 'e');
    await local.whileStopped((dataDir) =>
      tamper(dataDir, async (log) => {
        const record = await readRequest(log, stream, Date.now());
        if (record.state === 'free') throw new Error('the key was kept');
        const claim = requestEvent(requestStream('ops' as UserId, 'cut'), Date.now(), {
          kind: 'claimed',
          meta: { fingerprint: record.fingerprint },
        });
        await log.append([{ events: [claim] }]);
      }),
    );
    const cut = await edit('cut');
    assert.equal([cut.status, cut.body['code']], [409, 'outcome-unknown']);
    const text = await fetch(`${local.url}/api/realtime/documents/plan?content=text`, {
      headers: { 'X-User-Id': 'ops' },
    });
    assert.equal(((await text.json()) as { content: unknown }).content, { content: 'once x' });
  }));

/** The fingerprint of `send(local, …)`, by sending it. */
const fingerprintOf = async (local: LocalServer): Promise<{ fingerprint: string; deed?: Deed }> => {
  await send(local, 'probe');
  let fingerprint = '';
  await local.whileStopped((dataDir) =>
    tamper(dataDir, async (log) => {
      const record = await readRequest(log, requestStream('ops' as UserId, 'probe'), Date.now());
      if (record.state !== 'free') fingerprint = record.fingerprint;
    }),
  );
  return { fingerprint };
};

test.run();
