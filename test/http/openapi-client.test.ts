// The live OpenAPI document against the live server: a client that knows nothing else calls every route with data that means something, and
// each answer is one that the document describes, to the last member.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { type LocalServer, withLocalServer } from '../support/local-server.js';
import { StockClient } from '../support/stock-client.js';
import { OpenApiClient, type Received } from './openapi-client.js';

type Body = Readonly<Record<string, unknown>>;
const bodyOf = ({ body }: Received): Body => body as Body;

const leg = {
  flightId: 'FL-001',
  flightNumber: 'DL123',
  departureCity: 'Atlanta',
  arrivalCity: 'Los Angeles',
  departureAirport: 'ATL',
  arrivalAirport: 'LAX',
  scheduledDeparture: '2027-01-10T10:00:00Z',
  scheduledArrival: '2027-01-10T14:30:00Z',
  source: 'push',
};
/** Every fact that a feed may tell. */
const data = {
  callsign: 'DAL123',
  codeshares: ['AF3591'],
  estimatedDeparture: '2027-01-10T10:20:00Z',
  estimatedArrival: '2027-01-10T14:50:00Z',
  terminal: 'S',
  gate: 'B12',
  arrivalTerminal: '3',
  arrivalGate: '31A',
  baggageBelt: '4',
  aircraft: 'A321',
  phase: 'boarding',
  phaseReason: 'late inbound',
};
const alert = { type: 'alert', data: { urgency: 'high', message: 'Doors close' } };
const notificationData: Readonly<Record<string, object>> = {
  payment: { amount: '12.50', currency: 'EUR', status: 'succeeded', transactionId: 'tx-1' },
  booking: { showTitle: 'Hamlet', date: '2027-01-10T19:30:00Z', confirmationNumber: 'C-7', status: 'confirmed' },
  flight: {
    flightId: 'FL-001',
    flightNumber: 'DL123',
    status: 'delayed',
    gate: 'B12',
    terminal: 'S',
    delayMinutes: 20,
  },
  settlement: { name: 'Week 2', amount: 1250, currency: 'EUR', status: 'paid' },
  alert: alert.data,
};

const documents = async (api: OpenApiClient, server: LocalServer): Promise<void> => {
  const id = 'notes/one';
  const path = { id };
  await api.call('createDocument', { body: { id, title: 'Notes', content: 'Hello' } });
  await api.call('createDocument', { body: {}, headers: { 'Idempotency-Key': 'create-1' } });
  const again = await api.call('createDocument', { body: {}, headers: { 'Idempotency-Key': 'create-1' } });
  assert.is(again.headers.get('idempotency-replayed'), 'true');
  assert.is((await api.call('createDocument', { body: { id } })).status, 409);
  assert.is((await api.call('createDocument', { body: { id: '', title: 7, x: 1 } })).status, 400);
  const client = new StockClient(server.wsUrl, id, { user: 'bob', params: { name: 'Bob' } });
  try {
    await client.synced();
    client.provider.awareness.setLocalStateField('cursor', { anchor: 1 });
    await until(async () => {
      const { cursors } = bodyOf(await api.call('listCursors', { path })) as { cursors: { cursor: unknown }[] };
      return cursors.some(({ cursor }) => cursor !== null);
    }, 'the cursor is listed');
    const users = bodyOf(await api.call('listDocumentUsers', { path }))['users'] as { userId: string }[];
    assert.equal(
      users.map(({ userId }) => userId),
      ['bob'],
    );
    await api.call('listOnlineUsers');
  } finally {
    client.close();
  }
  await api.call('renameDocument', { path, body: { title: 'Plan' } });
  await api.call('shareDocument', { path, body: { userIds: ['bob', 'carol'], role: 'viewer' } });
  await api.call('unshareDocument', { path: { id, userId: 'carol' } });
  await api.call('lockDocument', { path, body: { ttlSeconds: 60 } });
  await api.call('listDocuments', { query: { limit: 1 } });
  await api.call('unlockDocument', { path });
  const edit = (body: object, headers = {}) => api.call('editDocument', { path, body, headers });
  await edit({ path: ['content'], action: 'insert', index: 5, value: ' world' }, { 'If-Match': '4' });
  assert.is(
    (await edit({ path: ['content'], action: 'delete', index: 0, length: 1 }, { 'If-Match': '1' })).status,
    412,
  );
  await edit({ path: ['meta'], action: 'replace', key: 'tags', value: ['a', { deep: [1, null, true] }] });
  await edit({ path: ['meta'], action: 'replace', key: 'tags', value: 'b' });
  await edit({ path: ['content'], action: 'replace', index: 0, length: 5, value: 'Goodbye' });
  await api.call('undo', { path });
  await api.call('redo', { path, body: { scope: 'user' } });
  assert.is((await api.call('redo', { path })).status, 409);
  for (const content of ['json', 'text', 'none']) await api.call('readDocument', { path, query: { content } });
  const page = await api.call('listHistory', { path, query: { limit: 3, kind: 'created,edit,undo', order: 'desc' } });
  assert.match(page.headers.get('link') ?? '', 'rel="next"');
  await api.call('listHistory', { path, query: { next: String(bodyOf(page)['next']), order: 'desc', actor: 'alice' } });
  for (const as of ['json', 'text', 'update']) await api.call('readDocumentAt', { path, query: { seq: 2, as } });
  await api.call('readDocumentAt', { path, query: { time: new Date().toISOString() } });
  assert.is((await api.call('readDocumentAt', { path, query: { seq: 99 } })).status, 404);
  await api.call('diffDocument', { path, query: { from: 0 } });
  await api.call('readAttribution', { path });
  const version = bodyOf(await api.call('createVersion', { path, body: { name: 'first', seq: 1 } }))['id'] as number;
  await api.call('renameVersion', { path: { id, versionId: version }, body: { name: 'the first' } });
  await api.call('listVersions', { path });
  await api.call('restoreDocument', { path, body: { version, dryRun: true } });
  await api.call('restoreDocument', { path, body: { version } });
  await api.call('deleteVersion', { path: { id, versionId: version } });
  assert.is((await api.call('deleteVersion', { path: { id, versionId: version } })).status, 404);
  const other = bodyOf(await api.call('createVersion', { path, body: { name: 'second' } }))['id'] as number;
  await api.call('deleteVersionNamed', { path, query: { version: other } });
};

const flights = async (api: OpenApiClient): Promise<void> => {
  const path = { flightId: 'FL-001' };
  await api.call('trackFlight', { body: { ...leg, boards: ['tour-7'], watchers: ['alice'] } });
  assert.is((await api.call('trackFlight', { body: leg })).status, 200);
  await api.call('pushFlightData', { path, body: data });
  await api.call('changeFlight', { path, body: { gate: 'C1', until: '2027-01-10T12:00:00Z' } });
  assert.is((await api.call('changeFlight', { path, body: { phase: 'diverted' } })).status, 409);
  await api.call('changeFlight', { path, body: { phase: 'cancelled', force: true, reason: 'storm' } });
  await api.call('watchFlight', { path });
  await api.call('watchFlight', { path, body: { add: ['bob'], remove: ['alice'] } });
  await api.call('readFlight', { path });
  await api.call('listActiveFlights', { query: { limit: 1 } });
  await api.call('listFlightHistory', { path, query: { limit: 1 } });
  await api.call('listFlightHistory', { path, query: { after: 1 } });
  for (const [number, hour] of [
    ['BA9', '10'],
    ['BA9', '18'],
  ] as const)
    await api.call('trackFlight', {
      body: {
        ...{ flightNumber: number, departureCity: 'London', arrivalCity: 'Paris', source: 'push' },
        scheduledDeparture: `2027-01-10T${hour}:00:00Z`,
        scheduledArrival: `2027-01-10T${hour}:59:00Z`,
      },
    });
  assert.is((await api.call('trackFlight', { body: { flightNumber: 'BA9', source: 'push' } })).status, 409);
  await api.call('stopFlight', { path });
  assert.is((await api.call('readFlight', { path: { flightId: 'nowhere' } })).status, 404);
};

const notifications = async (api: OpenApiClient): Promise<void> => {
  const path = { userId: 'alice' };
  const ids: string[] = [];
  for (const [type, each] of Object.entries(notificationData)) {
    const sent = await api.call('sendNotification', {
      body: { userId: 'alice', type, data: each, priority: 'high', subjectId: 's', expiresAt: '2099-01-01T00:00:00Z' },
    });
    ids.push(String(bodyOf(sent)['id']));
  }
  await api.call('sendNotification', { body: { userId: 'alice', ...alert, collapseKey: 'doors' } });
  await api.call('sendNotification', { body: { userId: 'alice', ...alert, collapseKey: 'doors' } });
  assert.is((await api.call('sendNotification', { body: { userId: 'alice', type: 'alert', data: {} } })).status, 400);
  const [first = '', second = '', third = ''] = ids;
  await api.call('markSeen', { path: { ...path, id: first } });
  await api.call('markRead', { path: { ...path, id: first } });
  await api.call('markArchive', { path: { ...path, id: second } });
  assert.is((await api.call('markRead', { path: { ...path, id: 'none' } })).status, 404);
  await api.call('markAllRead', { path, body: { upTo: third } });
  await api.call('setPreferences', {
    path,
    body: {
      minimumPriority: 'normal',
      quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' },
      types: { booking: { muted: true } },
    },
  });
  await api.call('readPreferences', { path });
  await api.call('sendNotification', { body: { userId: 'alice', type: 'booking', data: notificationData['booking'] } });
  const accepted = bodyOf(await api.call('broadcastNotification', { body: { audience: 'all', ...alert } }));
  await api.call('broadcastNotification', { body: { userIds: ['alice', 'bob'], ...alert } });
  for (const state of ['unread', 'all', 'archived'])
    await api.call('listNotifications', { path, query: { state, include: 'expired,suppressed,collapsed', limit: 2 } });
  await api.call('listUnreadNotifications', { path, query: { type: 'alert', priority: 'normal' } });
  const id = String(accepted['broadcastId']);
  await api.call('readBroadcast', { path: { id } });
  await api.call('recallBroadcast', { path: { id } });
  assert.is((await api.call('readBroadcast', { path: { id: 'none' } })).status, 404);
  await api.call('sendMessage', { body: { userId: 'alice', name: 'hello', data: { any: ['json'] } } });
  await api.call('sendMessage', { body: { audience: 'all', name: 'hello' } });
};

const operation = async (api: OpenApiClient): Promise<void> => {
  const changes = await api.call('listEvents', { query: { after: 0, kind: 'created,shared,deleted' } });
  assert.ok((bodyOf(changes)['events'] as unknown[]).length > 0);
  for (const name of [...api.operations.keys()].filter((each) =>
    /Statistics$|^readLiveness|^readReadiness|^readMetrics/.test(each),
  ))
    await api.call(name);
};

/** Every tagged route once more, as somebody who has that representation already. */
const conditions = async (api: OpenApiClient): Promise<void> => {
  const path = { id: 'notes/one', userId: 'alice', flightId: 'FL-001' };
  for (const { operationId, parameters, responses } of api.operations.values()) {
    if (!('304' in responses)) continue;
    const needed = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
    const given = Object.fromEntries(Object.entries(path).filter(([name]) => needed.includes(name)));
    const query: Record<string, string | number> =
      operationId === 'readDocumentAt' ? { seq: 1 } : operationId === 'diffDocument' ? { from: 0 } : {};
    if (operationId === 'readBroadcast') {
      const { broadcastId } = bodyOf(await api.call('broadcastNotification', { body: { audience: 'all', ...alert } }));
      Object.assign(given, { id: String(broadcastId) });
    }
    await until(async () => {
      const sent = { path: given, query };
      const first = await api.call(operationId, sent);
      // The commits and the uptime of /stats go on by themselves: whether two readings are alike is luck.
      const etag = operationId === 'readStatistics' ? '*' : (first.headers.get('etag') ?? '');
      return (
        etag !== '' && (await api.call(operationId, { ...sent, headers: { 'If-None-Match': etag } })).status === 304
      );
    }, `${operationId} answers 304 to whoever has its ETag`);
  }
};

test('every route of the OpenAPI document answers as the document says, to the last member', () =>
  withLocalServer(async (server) => {
    const api = await OpenApiClient.of(server.url, { 'x-user-id': 'alice' });
    await documents(api, server);
    await flights(api);
    await notifications(api);
    await operation(api);
    await conditions(api);
    await api.call('deleteDocument', { path: { id: 'notes/one' } });
    assert.is((await api.call('readDocument', { path: { id: 'notes/one' } })).status, 410);

    const missed: string[] = [];
    for (const { operationId, responses } of api.operations.values())
      for (const status of Object.keys(responses).filter((each) => /^(2\d\d|304)$/.test(each)))
        if (!api.seen.get(operationId)?.has(Number(status))) missed.push(`${operationId} ${status}`);
    assert.equal(missed, [], 'nothing that a route answers when all is well goes untried');
  }));

test.run();
