// What an orderly stop does to the delivery under way, with a receiver that answers when the test says so.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ChangeFeed } from '../../src/http/change-feed.js';
import { Webhook } from '../../src/http/webhook.js';
import { readPlace } from '../../src/http/webhook-cursor.js';
import { createMemoryLog } from '../../src/log/memory-log.js';
import type { StreamName, UserId } from '../../src/model/ids.js';
import { createVirtualClock } from '../support/virtual-clock.js';

const delivering = async () => {
  const log = createMemoryLog();
  const clock = createVirtualClock(1_000);
  const feed = new ChangeFeed({ log, onDamaged: () => assert.unreachable() });
  let asked: () => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  let respond: (response: Response) => void = () => undefined;
  const held: typeof fetch = (_, init) =>
    new Promise((resolve, reject) => {
      respond = resolve;
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      asked();
    });
  const webhook = new Webhook({
    target: { url: 'http://127.0.0.1/hook', secrets: [], timeoutMs: 60_000, clock, fetch: held },
    ...{ log, feed, clock, kinds: [], random: () => 0, sight: () => (change) => change },
    onTrouble: () => assert.unreachable(),
    onRecovered: () => assert.unreachable(),
    onFault: (error) => assert.unreachable(String(error)),
  });
  await webhook.start();
  const created = {
    kind: 'created',
    actor: 'alice' as UserId,
    at: 1_000,
    payload: null,
    meta: { title: 'Plan' },
  } as const;
  const [outcome] = await log.append([{ events: [{ ...created, stream: 'doc/plan' as StreamName }] }]);
  const id = outcome?.ok ? outcome.positions[0]?.id : assert.unreachable();
  await isAsked;
  return { log, clock, webhook, id, respond: () => respond(new Response(null, { status: 204 })) };
};

test('what a receiver takes while the server stops has arrived', async () => {
  const { log, clock, webhook, id, respond } = await delivering();
  const closed = webhook.close();
  await clock.advance(999);
  respond();
  await closed;
  assert.equal(await readPlace(log), { after: id, upTo: null });
  assert.is(clock.pending(), 0);
});

test('a receiver that says nothing holds a stop up for a second, and gets the same again afterwards', async () => {
  const { log, clock, webhook, id } = await delivering();
  let isClosed = false;
  const closed = webhook.close().then(() => {
    isClosed = true;
  });
  await clock.advance(999);
  assert.not(isClosed);
  await clock.advance(1);
  await closed;
  assert.is((await readPlace(log))?.upTo, id);
});

test.run();
