// The server's state for Prometheus. Everything is read when somebody scrapes; nothing is counted on the path of an edit.

import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export interface MetricsSource {
  readonly connections: number;
  readonly users: number;
  readonly rooms: number;
  readonly documents: number;
  /** Since the start. */
  readonly edits: number;
  readonly flights: Readonly<Record<string, number>>;
  /** Notifications sent, by type. */
  readonly notifications: Readonly<Record<string, number>>;
  readonly log: {
    readonly lastId: number;
    readonly streams: number;
    readonly bytes: number;
    readonly walBytes: number;
    readonly commits: number;
    readonly events: number;
    readonly lastCommitMs: number;
    readonly writable: boolean;
  };
  readonly uptimeSeconds: number;
}

/** Every metric of ours, with its help. Names end in their unit; what only grows ends in `_total`. */
const metrics: readonly (readonly [
  name: string,
  help: string,
  read: (source: MetricsSource) => number | readonly [label: string, values: Readonly<Record<string, number>>],
])[] = [
  ['contrail_connections', 'Open WebSocket connections.', ({ connections }) => connections],
  ['contrail_users', 'People with a connection.', ({ users }) => users],
  ['contrail_rooms', 'Documents in memory.', ({ rooms }) => rooms],
  ['contrail_documents', 'Documents that are not deleted.', ({ documents }) => documents],
  ['contrail_edits_total', 'Edits taken since the start.', ({ edits }) => edits],
  ['contrail_flights', 'Flights, by tracking.', ({ flights }) => ['tracking', flights]],
  ['contrail_notifications_total', 'Notifications sent, by type.', ({ notifications }) => ['type', notifications]],
  ['contrail_log_last_id', 'Id of the newest event.', ({ log }) => log.lastId],
  ['contrail_log_streams', 'Streams in the log.', ({ log }) => log.streams],
  ['contrail_log_size_bytes', 'Size of the database.', ({ log }) => log.bytes],
  ['contrail_log_wal_size_bytes', 'Size of the write-ahead log.', ({ log }) => log.walBytes],
  ['contrail_log_commits_total', 'Commits since the start.', ({ log }) => log.commits],
  ['contrail_log_events_total', 'Events committed since the start.', ({ log }) => log.events],
  ['contrail_log_last_commit_seconds', 'Duration of the newest commit.', ({ log }) => log.lastCommitMs / 1_000],
  ['contrail_log_writable', '1 while the log takes writes.', ({ log }) => Number(log.writable)],
  ['contrail_uptime_seconds', 'Time since the start.', ({ uptimeSeconds }) => uptimeSeconds],
];

export interface Metrics {
  readonly contentType: string;
  /** The text format of Prometheus. */
  text(): Promise<string>;
}

export const createMetrics = (source: () => MetricsSource): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const known = metrics.map(([name, help, read]) => {
    const labelled = read(source());
    const labelNames = typeof labelled === 'number' ? [] : [labelled[0]];
    const options = { name, help, labelNames, registers: [registry] };
    return { metric: name.endsWith('_total') ? new Counter(options) : new Gauge(options), read };
  });
  return {
    contentType: registry.contentType,
    text: () => {
      const now = source();
      for (const { metric, read } of known) {
        metric.reset();
        const value = read(now);
        if (typeof value === 'number') metric.inc(value);
        else for (const [label, number] of Object.entries(value[1])) metric.inc({ [value[0]]: label }, number);
      }
      return registry.metrics();
    },
  };
};
