// What an operator's tools are told.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withLocalServer } from '../support/local-server.js';
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

test.run();
