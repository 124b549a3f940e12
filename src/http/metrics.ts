// The server's state for Prometheus. What is counted is integers that others keep, and they are read when somebody scrapes; histograms are
// observed once for each commit. Nothing else is done on the way of an edit.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { processMs } from '../model/time.js';
import { type HistogramMetric, histograms, type MetricsSource, readMetrics } from './metric-list.js';

/** What the metrics look up by themselves. */
type OfProcess = 'loopDelay' | 'memory' | 'cpuSeconds';
export type ServerSource = Omit<MetricsSource, OfProcess>;

export interface Metrics {
  readonly contentType: string;
  /** The text format of Prometheus. */
  text(source: ServerSource): Promise<string>;
  /** A commit of `ms` is on disk since `durableAt`, in `processMs`. */
  committed(commit: { readonly events: number; readonly ms: number; readonly durableAt: number }): void;
  /** The edits of the commit heard of last have been handed to connections. */
  visible(): void;
  close(): void;
}

const quantiles = [0.5, 0.99, 1];
const secondsPerNs = 1e-9;

/** prom-client's own metrics of the process are left out: they observe it for good, and several servers may come and go in one. */
export const createMetrics = (loop = monitorEventLoopDelay()): Metrics => {
  const registry = new Registry();
  let closed = false;
  const known = readMetrics.map(({ name, help, label, read }) => {
    const options = { name, help, labelNames: label === undefined ? [] : [label], registers: [registry] };
    return { metric: name.endsWith('_total') ? new Counter(options) : new Gauge(options), label, read };
  });
  const histogram = ({ name, help, buckets }: HistogramMetric) =>
    new Histogram({ name, help, buckets: [...buckets], registers: [registry] });
  const commitSeconds = histogram(histograms.commitSeconds);
  const commitEvents = histogram(histograms.commitEvents);
  const visibleLag = histogram(histograms.visibleLag);
  let durableAt = 0;

  const ofProcess = (): Pick<MetricsSource, OfProcess> => {
    const delay = (quantile: number): number => (loop.count === 0 ? 0 : loop.percentile(quantile * 100) * secondsPerNs);
    const loopDelay = Object.fromEntries(quantiles.map((quantile) => [quantile, delay(quantile)]));
    loop.reset();
    // It wakes the process a hundred times a second, so it begins with the first scrape.
    if (!closed) loop.enable();
    const { user, system } = process.cpuUsage();
    return { loopDelay, memory: process.memoryUsage(), cpuSeconds: (user + system) / 1_000_000 };
  };

  return {
    contentType: registry.contentType,
    text(source) {
      const now = { ...source, ...ofProcess() };
      for (const { metric, label, read } of known) {
        metric.reset();
        const value = read(now);
        if (typeof value === 'number') metric.inc(value);
        else if (label !== undefined)
          for (const [name, number] of Object.entries(value)) metric.inc({ [label]: name }, number);
      }
      return registry.metrics();
    },
    committed(commit) {
      commitSeconds.observe(commit.ms / 1_000);
      commitEvents.observe(commit.events);
      durableAt = commit.durableAt;
    },
    visible() {
      if (durableAt > 0) visibleLag.observe((processMs() - durableAt) / 1_000);
    },
    close() {
      closed = true;
      loop.disable();
      registry.clear();
    },
  };
};
