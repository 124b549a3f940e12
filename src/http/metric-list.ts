// Every metric of ours: its name, what it means, and where its value comes from. docs/operations.md and docs/grafana.json name the same, which
// a test holds. Names end in their unit; what only grows ends in `_total`. Labels come from lists that are known at the start: never ids.

import type { RoomCounts } from '../crdt/room-counts.js';
import { statuses } from '../flights/flight.js';
import type { LogStats } from '../model/event-log.js';
import type { Backlog, Traffic } from './traffic.js';
import type { WebhookCounts } from './webhook.js';

type Labelled = Readonly<Record<string, number>>;

export interface MetricsSource {
  readonly connections: number;
  readonly users: number;
  readonly rooms: number;
  readonly documents: number;
  /** Events that rooms have taken and that are not durable yet. */
  readonly pendingEvents: number;
  readonly presences: number;
  readonly counts: RoomCounts;
  readonly traffic: Traffic;
  readonly backlog: Backlog;
  readonly log: LogStats;
  /** By tracking; those that are tracked, by status; requests, by source. */
  readonly flights: Labelled;
  readonly flightStatuses: Labelled;
  readonly flightRequests: Labelled;
  readonly unknownFlightValues: number;
  /** Notifications sent, by type, and where they stand. */
  readonly notifications: Labelled;
  readonly notificationStates: Labelled;
  /** Zeros without a webhook. */
  readonly webhook: WebhookCounts;
  readonly uptimeSeconds: number;
  /** Of the event loop since the last scrape, seconds by quantile. */
  readonly loopDelay: Labelled;
  readonly memory: NodeJS.MemoryUsage;
  readonly cpuSeconds: number;
}

interface Described {
  readonly name: string;
  readonly help: string;
}
export interface ReadMetric extends Described {
  /** Given where the metric has one value for each of several labels. */
  readonly label?: string;
  readonly read: (source: MetricsSource) => number | Labelled;
}
export interface HistogramMetric extends Described {
  readonly buckets: readonly number[];
}

const traffic: readonly ReadMetric[] = [
  { name: 'contrail_connections', help: 'Open WebSocket connections.', read: ({ connections }) => connections },
  { name: 'contrail_users', help: 'People with a connection.', read: ({ users }) => users },
  { name: 'contrail_rooms', help: 'Documents in memory.', read: ({ rooms }) => rooms },
  { name: 'contrail_documents', help: 'Documents that are not deleted.', read: ({ documents }) => documents },
  {
    name: 'contrail_connections_opened_total',
    help: 'Connections whose handshake was completed.',
    read: (source) => source.traffic.opened,
  },
  {
    name: 'contrail_connections_closed_total',
    help: 'Connections that ended, by code word; `left` when the client went.',
    label: 'reason',
    read: (source) => source.traffic.closed,
  },
  {
    name: 'contrail_connections_refused_total',
    help: 'Handshakes refused over HTTP: `full`, `rate-limited`, `origin`.',
    label: 'reason',
    read: (source) => source.traffic.refused,
  },
  {
    name: 'contrail_received_frames_total',
    help: 'Frames from clients.',
    read: (source) => source.traffic.framesReceived,
  },
  {
    name: 'contrail_received_bytes_total',
    help: 'Bytes in frames from clients.',
    read: (source) => source.traffic.bytesReceived,
  },
  {
    name: 'contrail_sent_writes_total',
    help: 'Writes to sockets, of one frame or several.',
    read: (source) => source.traffic.packetsSent,
  },
  { name: 'contrail_sent_bytes_total', help: 'Bytes written to sockets.', read: (source) => source.traffic.bytesSent },
  {
    name: 'contrail_edits_total',
    help: 'Events that documents took, edits above all.',
    read: ({ counts }) => counts.edits,
  },
  { name: 'contrail_edit_bytes_total', help: 'Bytes of updates in these.', read: ({ counts }) => counts.editBytes },
  {
    name: 'contrail_edits_sent_total',
    help: 'Edits handed to connections, one for each edit and connection.',
    read: ({ counts }) => counts.editsSent,
  },
  {
    name: 'contrail_awareness_received_total',
    help: 'Awareness frames from clients.',
    read: ({ counts }) => counts.awarenessReceived,
  },
  {
    name: 'contrail_awareness_sent_total',
    help: 'Awareness frames handed to connections.',
    read: ({ counts }) => counts.awarenessSent,
  },
  {
    name: 'contrail_awareness_states',
    help: 'Connections with an awareness state.',
    read: ({ presences }) => presences,
  },
];

const durability: readonly ReadMetric[] = [
  {
    name: 'contrail_log_writable',
    help: '1 while the log takes writes, otherwise 0.',
    read: ({ log }) => Number(log.writable),
  },
  {
    name: 'contrail_log_pending_events',
    help: 'Events that documents took and that are not on disk yet.',
    read: ({ pendingEvents }) => pendingEvents,
  },
  { name: 'contrail_log_commits_total', help: 'Commits.', read: ({ log }) => log.commits },
  { name: 'contrail_log_events_total', help: 'Events committed.', read: ({ log }) => log.events },
  { name: 'contrail_log_last_id', help: 'Id of the newest event.', read: ({ log }) => log.lastId },
  { name: 'contrail_log_streams', help: 'Streams in the log.', read: ({ log }) => log.streams },
  { name: 'contrail_log_size_bytes', help: 'Size of the database file.', read: ({ log }) => log.bytes },
  { name: 'contrail_log_wal_size_bytes', help: 'Size of the write-ahead log.', read: ({ log }) => log.walBytes },
];

const gate: readonly ReadMetric[] = [
  {
    name: 'contrail_gate_refusals_total',
    help: 'Updates that the gate refused, by rule; each ended its connection with 4422.',
    label: 'rule',
    read: (source) => source.traffic.refusals,
  },
];

const buffers: readonly ReadMetric[] = [
  {
    name: 'contrail_queued_bytes',
    help: 'Bytes written to sockets that the network has not taken yet.',
    read: ({ backlog }) => backlog.queuedBytes,
  },
  {
    name: 'contrail_connections_behind',
    help: 'Slow connections that get no live frames until they have caught up.',
    read: ({ backlog }) => backlog.behind,
  },
  {
    name: 'contrail_waiting_frames',
    help: 'Frames that wait for their document to open, for a large sync, or while an undo is logged.',
    read: ({ backlog }) => backlog.frames,
  },
  {
    name: 'contrail_not_ready_updates',
    help: 'Updates that wait for what they depend on.',
    read: ({ backlog }) => backlog.updates,
  },
  {
    name: 'contrail_not_ready_bytes',
    help: 'Bytes of these updates.',
    read: ({ backlog }) => backlog.updateBytes,
  },
  {
    name: 'contrail_process_resident_memory_bytes',
    help: 'Memory of the process, its threads included.',
    read: ({ memory }) => memory.rss,
  },
  {
    name: 'contrail_process_heap_bytes',
    help: 'JavaScript values of the main thread.',
    read: ({ memory }) => memory.heapUsed,
  },
  {
    name: 'contrail_process_external_memory_bytes',
    help: 'Buffers and other memory outside the heap of the main thread.',
    read: ({ memory }) => memory.external,
  },
];

const flights: readonly ReadMetric[] = [
  { name: 'contrail_flights', help: 'Flights, by tracking.', label: 'tracking', read: (source) => source.flights },
  {
    name: 'contrail_tracked_flights',
    help: 'Flights that are tracked, by status.',
    label: 'status',
    read: ({ flightStatuses }) => ({
      ...Object.fromEntries(statuses.map((status) => [status, 0])),
      ...flightStatuses,
    }),
  },
  {
    name: 'contrail_flight_requests_total',
    help: 'Requests to flight sources.',
    label: 'source',
    read: ({ flightRequests }) => flightRequests,
  },
  {
    name: 'contrail_flight_unknown_values_total',
    help: 'Values of flight sources that nobody here knows.',
    read: ({ unknownFlightValues }) => unknownFlightValues,
  },
];

const notifications: readonly ReadMetric[] = [
  {
    name: 'contrail_notifications_total',
    help: 'Notifications sent, by type: all in the log.',
    label: 'type',
    read: (source) => source.notifications,
  },
  {
    name: 'contrail_inbox_notifications',
    help: 'Where those to people and lists stand.',
    label: 'state',
    read: ({ notificationStates }) => notificationStates,
  },
  {
    name: 'contrail_webhook_deliveries_total',
    help: 'Webhook deliveries that were taken.',
    read: ({ webhook }) => webhook.delivered,
  },
  { name: 'contrail_webhook_events_total', help: 'Events in these.', read: ({ webhook }) => webhook.events },
  {
    name: 'contrail_webhook_failures_total',
    help: 'Attempts at a webhook delivery that failed and are made again.',
    read: ({ webhook }) => webhook.failures,
  },
  {
    name: 'contrail_webhook_backlog_events',
    help: 'Events of the log that the webhook has not come to.',
    read: ({ webhook }) => webhook.behind,
  },
];

const processMetrics: readonly ReadMetric[] = [
  { name: 'contrail_uptime_seconds', help: 'Time since the start.', read: ({ uptimeSeconds }) => uptimeSeconds },
  {
    name: 'contrail_process_cpu_seconds_total',
    help: 'CPU time of the process, its threads included.',
    read: ({ cpuSeconds }) => cpuSeconds,
  },
  {
    name: 'contrail_event_loop_delay_seconds',
    help: 'How late the event loop ran since the last scrape: median, 99 %, longest.',
    label: 'quantile',
    read: ({ loopDelay }) => loopDelay,
  },
];

export const readMetrics: readonly ReadMetric[] = [
  ...traffic,
  ...durability,
  ...gate,
  ...buffers,
  ...flights,
  ...notifications,
  ...processMetrics,
];

const times = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Observed once for each commit. */
export const histograms = {
  commitSeconds: {
    name: 'contrail_commit_duration_seconds',
    help: 'How long a commit took in the writer, fsync included.',
    buckets: times,
  },
  commitEvents: {
    name: 'contrail_commit_batch_events',
    help: 'Events of one commit.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000],
  },
  visibleLag: {
    name: 'contrail_visible_lag_seconds',
    help: 'From the moment a commit was on disk until its edits were handed to connections; without the window of large rooms.',
    buckets: times,
  },
} as const satisfies Readonly<Record<string, HistogramMetric>>;
