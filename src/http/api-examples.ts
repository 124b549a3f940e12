// One example of every route, in the order in which they can be run one after the other: for the page of the API, for its OpenAPI document and for
// the README. They are run as they stand, with curl, by test/http/curl-examples.test.ts. Methods and paths are the routes' own.

/** A value that differs from one run to the next; shown as an ellipsis. */
export const varies = Symbol('varies');
export type Shown =
  | string
  | number
  | boolean
  | null
  | typeof varies
  | readonly Shown[]
  | { readonly [name: string]: Shown };

export interface Example {
  readonly operationId: string;
  /** Values of the path; `$NAME` is one that an earlier example keeps. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly status: number;
  /** Members that are worth showing; the answer has more. Text for answers that are no JSON, nothing for those without content. */
  readonly answer?: Shown;
  /** What later examples need of the answer: a variable, and the member that goes into it. */
  readonly keeps?: readonly [variable: string, member: string];
}

const id = 'my-document';
const document = { path: { id } };
const flight = { path: { flightId: 'FL-001' } };
const inbox = { path: { userId: 'alice' } };
const sent = { path: { userId: 'alice', id: '$NOTIFICATION' } };
const broadcast = { path: { id: '$BROADCAST' } };
const doors = { type: 'alert', data: { urgency: 'high', message: 'Doors close at eight' } } as const;

const documents: readonly Example[] = [
  {
    operationId: 'createDocument',
    body: { id, title: 'Plan', content: 'Hello' },
    status: 201,
    answer: { id, title: 'Plan', ownerId: 'alice', role: 'owner', seq: 1 },
  },
  { operationId: 'listDocuments', query: 'limit=10', status: 200, answer: { documents: [{ id }], next: null } },
  {
    operationId: 'readDocument',
    ...document,
    query: 'content=text',
    status: 200,
    answer: { id, title: 'Plan', content: { content: 'Hello' } },
  },
  {
    operationId: 'renameDocument',
    ...document,
    body: { title: 'Our plan' },
    status: 200,
    answer: { id, title: 'Our plan' },
  },
  {
    operationId: 'shareDocument',
    ...document,
    body: { userIds: ['bob', 'carol'], role: 'editor' },
    status: 200,
    answer: { collaborators: [{ userId: 'bob', role: 'editor' }, { userId: 'carol' }] },
  },
  {
    operationId: 'unshareDocument',
    path: { id, userId: 'carol' },
    status: 200,
    answer: { collaborators: [{ userId: 'bob', role: 'editor' }] },
  },
  {
    operationId: 'listDocumentUsers',
    ...document,
    status: 200,
    answer: { documentId: id, users: varies, count: varies },
  },
  { operationId: 'listCursors', ...document, status: 200, answer: { documentId: id, cursors: varies, count: varies } },
  {
    operationId: 'editDocument',
    ...document,
    body: { path: ['content'], action: 'insert', index: 5, value: ' world' },
    status: 201,
    answer: { seq: varies },
  },
  { operationId: 'undo', ...document, status: 200, answer: { seq: varies, undone: varies } },
  { operationId: 'redo', ...document, status: 200, answer: { seq: varies, undone: varies } },
  {
    operationId: 'lockDocument',
    ...document,
    body: { ttlSeconds: 60 },
    status: 200,
    answer: { lock: { userId: 'alice', until: varies } },
  },
  { operationId: 'unlockDocument', ...document, status: 200, answer: { lock: null } },
  {
    operationId: 'listHistory',
    ...document,
    query: 'kind=edit,undo&order=desc&limit=1',
    status: 200,
    answer: { documentId: id, head: varies, events: [{ actor: 'alice', kind: 'undo', bytes: varies }], next: varies },
  },
  { operationId: 'readDocumentAt', ...document, query: 'seq=1&as=text', status: 200, answer: 'Hello' },
  {
    operationId: 'diffDocument',
    ...document,
    query: 'from=1',
    status: 200,
    answer: { from: 1, changes: [{ type: 'insert', path: ['content'], index: 5, text: ' world', actor: 'alice' }] },
  },
  {
    operationId: 'readAttribution',
    ...document,
    query: 'name=content',
    status: 200,
    answer: { runs: [{ text: 'Hello', actor: 'alice', at: varies, seq: 1 }] },
  },
  {
    operationId: 'createVersion',
    ...document,
    body: { name: 'first draft', seq: 1 },
    status: 201,
    answer: { id: varies, name: 'first draft', seq: 1 },
    keeps: ['VERSION', 'id'],
  },
  {
    operationId: 'listVersions',
    ...document,
    status: 200,
    answer: { versions: [{ name: 'first draft' }], next: null },
  },
  {
    operationId: 'renameVersion',
    path: { id, versionId: '$VERSION' },
    body: { name: 'greeting' },
    status: 200,
    answer: { id: varies, name: 'greeting', seq: 1 },
  },
  {
    operationId: 'restoreDocument',
    ...document,
    body: { seq: 1 },
    status: 200,
    answer: { seq: varies, changes: [{ type: 'delete', path: ['content'], text: ' world' }] },
  },
  { operationId: 'deleteVersion', path: { id, versionId: '$VERSION' }, status: 204 },
  {
    operationId: 'deleteVersionNamed',
    ...document,
    query: 'version=$VERSION',
    status: 404,
    answer: { code: 'not-found' },
  },
  { operationId: 'listOnlineUsers', status: 200, answer: { users: varies, count: varies } },
];

const flights: readonly Example[] = [
  {
    operationId: 'trackFlight',
    body: {
      ...{ flightId: 'FL-001', flightNumber: 'DL123', departureCity: 'Atlanta', arrivalCity: 'Los Angeles' },
      ...{ scheduledDeparture: '2099-01-10T10:00:00Z', scheduledArrival: '2099-01-10T14:30:00Z', source: 'push' },
    },
    status: 201,
    answer: { flightId: 'FL-001', status: 'on-time', phase: 'scheduled', tracking: 'active' },
  },
  { operationId: 'listActiveFlights', status: 200, answer: { flights: [{ flightId: 'FL-001' }], count: varies } },
  { operationId: 'readFlight', ...flight, status: 200, answer: { flightId: 'FL-001', departureCity: 'Atlanta' } },
  { operationId: 'watchFlight', ...flight, body: {}, status: 200, answer: { watching: true } },
  {
    operationId: 'pushFlightData',
    ...flight,
    body: { estimatedDeparture: '2099-01-10T10:20:00Z', terminal: 'S' },
    status: 200,
    answer: { status: 'delayed', delayMinutes: 20, isDelayed: true, terminal: 'S' },
  },
  {
    operationId: 'changeFlight',
    ...flight,
    body: { gate: 'B12' },
    status: 200,
    answer: { gate: 'B12', overrides: { gate: { value: 'B12' } } },
  },
  {
    operationId: 'listFlightHistory',
    ...flight,
    query: 'limit=10',
    status: 200,
    answer: {
      flightId: 'FL-001',
      updates: [
        { seq: varies, actor: 'alice' },
        { source: 'push', changes: { delayMinutes: { from: null, to: 20 } } },
        { source: 'manual', changes: { gate: { from: null, to: 'B12' } } },
      ],
    },
  },
  { operationId: 'stopFlight', ...flight, status: 200, answer: { flightId: 'FL-001', tracking: false } },
];

const notifications: readonly Example[] = [
  {
    operationId: 'sendNotification',
    headers: { 'Idempotency-Key': 'order-7' },
    body: {
      userId: 'alice',
      type: 'payment',
      priority: 'high',
      data: { amount: '12.50', currency: 'EUR', status: 'completed', transactionId: 't1' },
    },
    status: 201,
    answer: { id: varies, type: 'payment', title: 'Payment completed', readAt: null },
    keeps: ['NOTIFICATION', 'id'],
  },
  {
    operationId: 'listNotifications',
    ...inbox,
    query: 'type=payment',
    status: 200,
    answer: { notifications: [{ type: 'payment', readAt: null }], total: varies, unread: varies, unseen: varies },
  },
  {
    operationId: 'listUnreadNotifications',
    ...inbox,
    query: 'priority=high',
    status: 200,
    answer: { notifications: [{ priority: 'high', readAt: null }], next: null },
  },
  { operationId: 'markSeen', ...sent, status: 200, answer: { unread: varies, unseen: varies } },
  { operationId: 'markRead', ...sent, status: 200, answer: { unread: varies, unseen: varies } },
  { operationId: 'markAllRead', ...inbox, body: { upTo: '$NOTIFICATION' }, status: 200, answer: { unread: 0 } },
  { operationId: 'markArchive', ...sent, status: 200, answer: { unread: 0 } },
  {
    operationId: 'broadcastNotification',
    body: { audience: 'all', ...doors },
    status: 202,
    answer: { broadcastId: varies, audience: 'all', total: varies },
    keeps: ['BROADCAST', 'broadcastId'],
  },
  {
    operationId: 'readBroadcast',
    ...broadcast,
    status: 200,
    answer: { audience: 'all', state: varies, delivered: varies },
  },
  { operationId: 'recallBroadcast', ...broadcast, status: 200, answer: { audience: 'all', state: 'recalled' } },
  {
    operationId: 'setPreferences',
    ...inbox,
    body: {
      quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' },
      types: { booking: { muted: true } },
    },
    status: 200,
    answer: { types: { booking: { muted: true } } },
  },
  {
    operationId: 'readPreferences',
    ...inbox,
    status: 200,
    answer: { quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' } },
  },
];

const others: readonly Example[] = [
  {
    operationId: 'sendMessage',
    body: { userId: 'alice', name: 'hello', data: { from: 'the back end' } },
    status: 200,
    answer: { connections: varies },
  },
  {
    operationId: 'listEvents',
    query: 'after=0&kind=created&limit=1',
    status: 200,
    answer: { events: [{ type: 'document', subject: id, actor: 'alice', kind: 'created' }], cursor: varies },
  },
  { operationId: 'readStatistics', status: 200, answer: { connections: varies, documents: { total: varies } } },
  { operationId: 'readNotificationStatistics', status: 200, answer: { sent: varies, byType: { payment: varies } } },
  { operationId: 'readCollaborativeStatistics', status: 200, answer: { documents: varies, edits: varies } },
  { operationId: 'readLiveness', status: 200, answer: { status: 'live' } },
  { operationId: 'readReadiness', status: 200, answer: { status: 'ready' } },
  { operationId: 'readMetrics', status: 200, answer: varies },
];

export const examples: readonly Example[] = [
  ...documents,
  ...flights,
  ...notifications,
  ...others,
  // Last, because nothing can be done with a document after it.
  { operationId: 'deleteDocument', ...document, status: 204 },
];
