// What an operator's tools are told.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { register } from 'prom-client';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { readConfig } from '../../src/config.js';
import { RoomCounts } from '../../src/crdt/room-counts.js';
import { createMetrics, type ServerSource } from '../../src/http/metrics.js';
import { backlogOf, Traffic } from '../../src/http/traffic.js';
import { systemClock } from '../../src/model/time.js';
import { Receiver } from '../feed/receiver.js';
import { until } from '../support/deadline.js';
import { documentIdOf } from '../support/document-log.js';
import { LocalServer, withLocalServer } from '../support/local-server.js';
import { hex } from '../support/poison.js';
import { RawClient, updateFrame } from '../support/raw-client.js';
import { StockClient } from '../support/stock-client.js';

const metricOf = (text: string, metric: string): number =>
  Number(new RegExp(`^${metric.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
const post = (url: string, body: object) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user-id': 'alice' },
    body: JSON.stringify(body),
  });

test('metrics follow what happens, in the format of Prometheus', () =>
  withLocalServer(async (server) => {
    const scrape = async () => {
      const answer = await fetch(`${server.url}/metrics`);
      assert.match(answer.headers.get('content-type') ?? '', 'text/plain');
      return answer.text();
    };
    const before = await scrape();
    assert.is(metricOf(before, 'contrail_connections'), 0);
    assert.is(metricOf(before, 'contrail_log_writable'), 1);
    assert.ok(metricOf(before, 'contrail_event_loop_delay_seconds{quantile="0.99"}') >= 0);
    const alice = new StockClient(server.wsUrl, 'plan', { user: 'alice' });
    try {
      await alice.synced();
      const api = `${server.url}/api/realtime`;
      const edit = { path: ['content'], action: 'insert', index: 0, value: 'counted' };
      assert.is((await post(`${api}/documents/plan/edits`, edit)).status, 201);
      const alert = { userId: 'bob', type: 'alert', data: { urgency: 'high', message: 'hello' } };
      assert.is((await post(`${api}/notifications/send`, alert)).status, 201);
      const after = await scrape();
      assert.is(metricOf(after, 'contrail_connections'), 1);
      assert.is(metricOf(after, 'contrail_rooms'), 1);
      assert.is(metricOf(after, 'contrail_edits_total'), 1);
      assert.is(metricOf(after, 'contrail_notifications_total{type="alert"}'), 1);
      assert.ok(metricOf(after, 'contrail_log_last_id') > metricOf(before, 'contrail_log_last_id'));
      assert.is(metricOf(await scrape(), 'contrail_edits_total'), 1, 'a second scrape counts nothing twice');
      const stats = (await (await fetch(`${api}/stats/notifications`)).json()) as {
        sent: number;
        byType: { alert: number };
        byState: { unread: number };
      };
      assert.equal([stats.sent, stats.byType.alert, stats.byState.unread], [1, 1, 1]);
    } finally {
      alice.close();
    }
  }));

const scrape = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();
/** The metric's value once it is `expected`; fails when it does not become that. */
const becomes = async (url: string, metric: string, expected: number): Promise<void> => {
  await until(async () => metricOf(await scrape(url), metric) === expected, `${metric} becomes ${expected}`);
};

test('edits, bytes and presence are counted on their way in and out, commits one by one', () =>
  withLocalServer(
    async ({ url, wsUrl }) => {
      const alice = await new RawClient(wsUrl, 'plan', { user: 'alice' }).sync();
      const bob = await new RawClient(wsUrl, 'plan', { user: 'bob' }).sync();
      const carol = await new StockClient(wsUrl, 'plan', { user: 'carol' }).synced();
      try {
        await becomes(url, 'contrail_awareness_states', 1);
        const before = await scrape(url);
        const grown = async (metric: string): Promise<number> =>
          metricOf(await scrape(url), metric) - metricOf(before, metric);
        let bytes = 0;
        alice.doc.on('update', (update: Uint8Array) => {
          bytes += update.length;
        });
        for (const letter of 'abcde') {
          const seen = bob.updates;
          alice.edit((doc) => doc.getText('content').insert(0, letter));
          await until(() => bob.updates > seen, 'bob has it');
        }
        assert.is(await grown('contrail_edits_total'), 5);
        assert.is(await grown('contrail_edit_bytes_total'), bytes);
        assert.is(await grown('contrail_edits_sent_total'), 10, 'two others have each of them');
        assert.is(await grown('contrail_received_frames_total'), 5);
        assert.is(
          await grown('contrail_received_bytes_total'),
          bytes + 5 * 3,
          'and the three bytes before each update',
        );
        assert.ok((await grown('contrail_sent_bytes_total')) >= 2 * (bytes + 5 * 5));
        assert.is(await grown('contrail_commit_duration_seconds_count'), await grown('contrail_log_commits_total'));
        assert.is(await grown('contrail_commit_batch_events_sum'), await grown('contrail_log_events_total'));
        assert.is(await grown('contrail_visible_lag_seconds_count'), 5);
        const lag = await grown('contrail_visible_lag_seconds_sum');
        assert.ok(lag > 0 && lag < 5, `${lag} s`);
        assert.is(metricOf(await scrape(url), 'contrail_log_pending_events'), 0);
        const presence = 'contrail_awareness_received_total';
        const had = metricOf(await scrape(url), presence);
        carol.provider.awareness.setLocalStateField('cursor', { at: 1 });
        await becomes(url, presence, had + 1);
        assert.is(await grown('contrail_awareness_sent_total'), 3, 'everybody in the room, carol too');
        carol.close();
        await becomes(url, 'contrail_awareness_states', 0);
        await becomes(url, 'contrail_connections_closed_total{reason="left"}', 1);
        assert.is(metricOf(await scrape(url), 'contrail_connections_opened_total'), 3);
      } finally {
        alice.destroy();
        bob.destroy();
      }
    },
    { channels: [] },
  ));

test('what the gate refuses is counted by its rule, and what waits is shown while it waits', () =>
  withLocalServer(
    async ({ url, wsUrl }) => {
      const rules = { 'own-reference': '010209000401017403616161840932016200', skip: '01020500040101740268692a0300' };
      for (const [rule, bytes] of Object.entries(rules)) {
        const mallory = await new RawClient(wsUrl, 'plan', { user: 'mallory' }).sync();
        mallory.send(updateFrame(hex(bytes)));
        assert.is((await mallory.closing()).code, 4422);
        await becomes(url, `contrail_gate_refusals_total{rule="${rule}"}`, 1);
      }
      const text = await scrape(url);
      assert.is(metricOf(text, 'contrail_connections_closed_total{reason="invalid-update"}'), 2);
      assert.is(
        metricOf(text, 'contrail_gate_refusals_total{rule="split-pair"}'),
        0,
        'every rule is there from the start',
      );
      assert.not.match(text, /mallory|plan/, 'nobody and nothing is named');

      const early = await new RawClient(wsUrl, 'plan', { user: 'alice' }).opened();
      early.answers = false;
      early.doc.clientID = 77;
      early.doc.getText('content').insert(0, 'never sent');
      await early.sync();
      early.edit((doc) => doc.getText('content').insert(3, '!'));
      await becomes(url, 'contrail_not_ready_updates', 1);
      assert.ok(metricOf(await scrape(url), 'contrail_not_ready_bytes') > 5);
      early.destroy();
      await becomes(url, 'contrail_not_ready_updates', 0);
    },
    { channels: [] },
  ));

test('a reader that does not read is seen in the bytes queued to it', () =>
  withLocalServer(
    async ({ url, wsUrl }) => {
      const alice = await new RawClient(wsUrl, 'plan', { user: 'alice' }).sync();
      const slow = await new RawClient(wsUrl, 'plan', { user: 'slow' }).sync();
      try {
        slow.pause();
        const map = () => alice.doc.getMap('map');
        await until(async () => {
          alice.edit(() => map().set('value', 'x'.repeat(500_000)));
          return metricOf(await scrape(url), 'contrail_connections_behind') === 1;
        }, 'the reader is behind');
        assert.ok(metricOf(await scrape(url), 'contrail_queued_bytes') > 0);
        slow.resume();
        await becomes(url, 'contrail_connections_behind', 0);
        await becomes(url, 'contrail_queued_bytes', 0);
      } finally {
        alice.destroy();
        slow.destroy();
      }
    },
    { channels: [] },
  ));

test('frames that wait while a document stands still are shown until it goes on', () =>
  withLocalServer(
    async ({ url, wsUrl, server }) => {
      const alice = await new RawClient(wsUrl, 'plan', { user: 'alice' }).sync();
      try {
        // Her answer to the server's step1 comes by itself: it must not be among those that wait.
        await until(() => alice.step1s === 1, 'the server has asked');
        alice.edit((doc) => doc.getText('content').insert(0, 'z'));
        await becomes(url, 'contrail_edits_total', 1);
        const room = server.rooms.peek(documentIdOf('plan'));
        let goOn = (): void => {};
        const standing = room?.hold.during(() => new Promise<void>((resolve) => (goOn = resolve)), {
          clock: systemClock,
          maxMs: 60_000,
        });
        for (const letter of 'abc') alice.edit((doc) => doc.getText('content').insert(0, letter));
        await becomes(url, 'contrail_waiting_frames', 3);
        goOn();
        await standing;
        await becomes(url, 'contrail_waiting_frames', 0);
        await becomes(url, 'contrail_edits_total', 4);
      } finally {
        alice.destroy();
      }
    },
    { channels: [] },
  ));

test('handshakes that are refused over HTTP are counted by their reason', () =>
  withLocalServer(
    async ({ url, wsUrl }) => {
      const refused = (origin?: string): Promise<string> =>
        new Promise((resolve) => {
          const socket = new WebSocket(`${wsUrl}/plan?user=alice`, origin === undefined ? {} : { origin });
          socket.once('error', ({ message }) => resolve(message));
          socket.once('open', () => resolve('open'));
        });
      assert.match(await refused('https://mallory.example'), '403');
      const alice = await new RawClient(wsUrl, 'plan', { user: 'alice' }).opened();
      assert.match(await refused(), '503');
      const text = await scrape(url);
      assert.is(metricOf(text, 'contrail_connections_refused_total{reason="origin"}'), 1);
      assert.is(metricOf(text, 'contrail_connections_refused_total{reason="full"}'), 1);
      assert.is(metricOf(text, 'contrail_connections_refused_total{reason="rate-limited"}'), 0);
      alice.destroy();
    },
    { maxConnections: 1, channels: [] },
  ));

test('flights are shown by status, requests to their sources by source, webhooks with what is behind', async () => {
  const secret = `whsec_${Buffer.from('thirty-two bytes to sign with ..').toString('base64')}`;
  const { webhookSecret } = readConfig({ WEBHOOK_SECRET: secret });
  const receiver = new Receiver(secret);
  await receiver.up();
  receiver.mood = 503;
  try {
    await withLocalServer(
      async ({ url }) => {
        const flights = `${url}/api/realtime/flights`;
        const leg = {
          ...{ flightId: 'FL-1', flightNumber: 'DL1', departureCity: 'Atlanta', arrivalCity: 'Boston', source: 'push' },
          ...{ scheduledDeparture: '2099-01-10T10:00:00Z', scheduledArrival: '2099-01-10T12:00:00Z' },
        };
        assert.is((await post(`${flights}/track`, leg)).status, 201);
        assert.is((await post(`${flights}/track`, { ...leg, flightId: 'FL-2', flightNumber: 'DL2' })).status, 201);
        assert.is((await post(`${flights}/FL-2/updates`, { phase: 'boarding' })).status, 200);
        const text = await scrape(url);
        assert.is(metricOf(text, 'contrail_tracked_flights{status="on-time"}'), 1);
        assert.is(metricOf(text, 'contrail_tracked_flights{status="boarding"}'), 1);
        assert.is(metricOf(text, 'contrail_tracked_flights{status="cancelled"}'), 0);
        assert.is(metricOf(text, 'contrail_flights{tracking="active"}'), 2);
        await until(
          async () => metricOf(await scrape(url), 'contrail_webhook_failures_total') >= 1,
          'a delivery has failed',
        );
        const behind = await scrape(url);
        assert.is(metricOf(behind, 'contrail_webhook_deliveries_total'), 0);
        assert.ok(metricOf(behind, 'contrail_webhook_backlog_events') > 0);
        receiver.mood = 204;
        await becomes(url, 'contrail_webhook_backlog_events', 0);
        const told = await scrape(url);
        assert.is(metricOf(told, 'contrail_webhook_events_total'), receiver.events.length);
        assert.is(metricOf(told, 'contrail_webhook_deliveries_total'), receiver.taken.length);
      },
      { webhookUrl: receiver.url, webhookSecret },
    );
  } finally {
    await receiver.down();
  }
});

test('servers in one process count for themselves, and leave nothing behind when they close', async () => {
  /** What is open now and was not among those before. */
  const more = (before: readonly string[]): readonly string[] => {
    const left = [...before];
    return process.getActiveResourcesInfo().filter((name) => {
      const at = left.indexOf(name);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  };
  const observers = () => process.listenerCount('exit') + process.listenerCount('beforeExit');
  const before = { resources: process.getActiveResourcesInfo(), observers: observers() };
  const [one, other] = [await LocalServer.start(), await LocalServer.start()];
  const edit = { path: ['content'], action: 'insert', index: 0, value: 'x' };
  assert.is((await post(`${one.url}/api/realtime/documents/create`, { id: 'plan' })).status, 201);
  assert.is((await post(`${one.url}/api/realtime/documents/plan/edits`, edit)).status, 201);
  assert.is(metricOf(await scrape(one.url), 'contrail_edits_total'), 1);
  assert.is(metricOf(await scrape(other.url), 'contrail_edits_total'), 0);
  await one.dispose();
  assert.is(metricOf(await scrape(other.url), 'contrail_log_writable'), 1, 'the other one goes on');
  await other.dispose();
  assert.is(
    (await register.getMetricsAsArray()).length,
    0,
    'nothing is in the registry that all of the process shares',
  );
  assert.is(observers(), before.observers);
  await until(() => more(before.resources).length === 0, 'nothing is open that was not before');
});

test('the event loop is watched from the first scrape on, and no longer than the server', async () => {
  const loop = monitorEventLoopDelay();
  const metrics = createMetrics(loop);
  assert.is(loop.disable(), false, 'nobody has asked yet');
  const none = { delivered: 0, events: 0, failures: 0, behind: 0 };
  const log = { lastId: 0, streams: 0, bytes: 0, walBytes: 0, commits: 0, events: 0, lastCommitMs: 0, writable: true };
  const source: ServerSource = {
    ...{ connections: 0, users: 0, rooms: 0, documents: 0, pendingEvents: 0, presences: 0, unknownFlightValues: 0 },
    ...{ counts: new RoomCounts(), traffic: new Traffic(), backlog: backlogOf([]), webhook: none, log },
    ...{ flights: {}, flightStatuses: {}, flightRequests: {}, notifications: {}, notificationStates: {} },
    uptimeSeconds: 1,
  };
  await metrics.text(source);
  await until(async () => loop.count > 0, 'it is watched');
  metrics.close();
  assert.is(loop.disable(), false, 'it is watched no more');
  await metrics.text(source);
  assert.is(loop.disable(), false, 'nor by an answer that is late');
});

test('with METRICS_TOKEN only whoever has it is answered', () =>
  withLocalServer(
    async ({ url }) => {
      const ask = (authorization?: string) =>
        fetch(`${url}/metrics`, authorization === undefined ? {} : { headers: { authorization } });
      for (const wrong of [undefined, 'Bearer', 'Bearer wrong', 'Basic c2VjcmV0', 'secret']) {
        const answer = await ask(wrong);
        assert.is(answer.status, 401, wrong);
        assert.is(answer.headers.get('www-authenticate'), 'Bearer');
        assert.not.match(await answer.text(), 'contrail_');
      }
      const answer = await ask('Bearer secret');
      assert.is(answer.status, 200);
      assert.match(await answer.text(), 'contrail_uptime_seconds');
    },
    { metricsToken: 'secret' },
  ));

test.run();
