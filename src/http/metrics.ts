// The server's state for Prometheus. Everything is read when somebody scrapes; nothing is counted on the path of an edit.

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';
import type { LogStats } from '../model/event-log.js';

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
  readonly log: LogStats;
  readonly uptimeSeconds: number;
}

type Labelled = Readonly<Record<string, number>>;

interface Metric {
  readonly name: string;
  readonly help: string;
  /** Given where the metric has one value for each of several labels. */
  readonly label?: string;
  readonly read: (source: MetricsSource, loop: IntervalHistogram) => number | Labelled;
}

const secondsPerNs = 1e-9;

/** Every metric of ours, with its help. Names end in their unit; what only grows ends in `_total`. */
const metrics: readonly Metric[] = [
  { name: 'contrail_connections', help: 'Open WebSocket connections.', read: ({ connections }) => connections },
  { name: 'contrail_users', help: 'People with a connection.', read: ({ users }) => users },
  { name: 'contrail_rooms', help: 'Documents in memory.', read: ({ rooms }) => rooms },
  { name: 'contrail_documents', help: 'Documents that are not deleted.', read: ({ documents }) => documents },
  { name: 'contrail_edits_total', help: 'Edits taken since the start.', read: ({ edits }) => edits },
  { name: 'contrail_flights', help: 'Flights, by tracking.', label: 'tracking', read: ({ flights }) => flights },
  {
    name: 'contrail_notifications_total',
    help: 'Notifications sent, by type.',
    label: 'type',
    read: ({ notifications }) => notifications,
  },
  { name: 'contrail_log_last_id', help: 'Id of the newest event.', read: ({ log }) => log.lastId },
  { name: 'contrail_log_streams', help: 'Streams in the log.', read: ({ log }) => log.streams },
  { name: 'contrail_log_size_bytes', help: 'Size of the database.', read: ({ log }) => log.bytes },
  { name: 'contrail_log_wal_size_bytes', help: 'Size of the write-ahead log.', read: ({ log }) => log.walBytes },
  { name: 'contrail_log_commits_total', help: 'Commits since the start.', read: ({ log }) => log.commits },
  { name: 'contrail_log_events_total', help: 'Events committed since the start.', read: ({ log }) => log.events },
  {
    name: 'contrail_log_last_commit_seconds',
    help: 'Duration of the newest commit.',
    read: ({ log }) => log.lastCommitMs / 1_000,
  },
  { name: 'contrail_log_writable', help: '1 while the log takes writes.', read: ({ log }) => Number(log.writable) },
  {
    name: 'contrail_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last scrape.',
    label: 'quantile',
    read: (_, loop) =>
      Object.fromEntries([0.5, 0.99, 1].map((quantile) => [quantile, loop.percentile(quantile * 100) * secondsPerNs])),
  },
  {
    name: 'contrail_process_resident_memory_bytes',
    help: 'Memory of the process, its threads included.',
    read: () => process.memoryUsage.rss(),
  },
  {
    name: 'contrail_process_cpu_seconds_total',
    help: 'CPU time of the process, its threads included.',
    read: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000_000;
    },
  },
  { name: 'contrail_uptime_seconds', help: 'Time since the start.', read: ({ uptimeSeconds }) => uptimeSeconds },
];

export interface Metrics {
  readonly contentType: string;
  /** The text format of Prometheus. */
  text(): Promise<string>;
  close(): void;
}

/** prom-client's own metrics of the process are left out: they observe it for good, and several servers may come and go in one. */
export const createMetrics = (source: () => MetricsSource): Metrics => {
  const registry = new Registry();
  const loop = monitorEventLoopDelay();
  loop.enable();
  const known = metrics.map(({ name, help, label, read }) => {
    const options = { name, help, labelNames: label === undefined ? [] : [label], registers: [registry] };
    return { metric: name.endsWith('_total') ? new Counter(options) : new Gauge(options), label, read };
  });
  return {
    contentType: registry.contentType,
    text: () => {
      const now = source();
      for (const { metric, label, read } of known) {
        metric.reset();
        const value = read(now, loop);
        if (typeof value === 'number') metric.inc(value);
        else if (label !== undefined)
          for (const [name, number] of Object.entries(value)) metric.inc({ [label]: name }, number);
      }
      loop.reset();
      return registry.metrics();
    },
    close: () => void loop.disable(),
  };
};
