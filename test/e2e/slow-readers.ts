// Connections that never read, against a steady flood of edits: what it costs the server's memory and everybody else, and whether they
// are right again once they read.

import { setTimeout as pause } from 'node:timers/promises';
import * as Y from 'yjs';
import { until } from '../support/deadline.js';
import { RawClient } from '../support/raw-client.js';
import { percentiles, seededRandom, wholeBelow } from '../support/seed.js';
import { generousLimits, withServer } from '../support/server-process.js';

export interface SlowReadersOptions {
  readonly readers: number;
  readonly editsPerSecond: number;
  readonly seconds: number;
  /** Size of most values written, so that a short run fills the sockets' buffers too. */
  readonly valueChars: number;
  readonly seed: number;
}

export interface SlowReadersReport {
  readonly edits: number;
  readonly editsPerSecond: number;
  readonly rssBeforeBytes: number;
  readonly rssMostBytes: number;
  /** From the writer's send to a healthy reader in the same room, ms. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Connections closed meanwhile, by close code; these came back by themselves. */
  readonly closed: Readonly<Record<number, number>>;
  /** Connections that got far fewer frames than the healthy reader: live frames stopped and a difference came instead. */
  readonly resynced: number;
  /** Readers whose document was not the room's in the end. */
  readonly wrong: number;
  readonly catchUpMs: number;
}

const documentId = 'slow';
const writerCount = 10;
const keys = 200;
const tickMs = 10;

export const runSlowReaders = async (options: SlowReadersOptions): Promise<SlowReadersReport> => {
  let report: SlowReadersReport | null = null;
  await withServer({ env: generousLimits }, async (server) => {
    const join = async (user: string, doc?: Y.Doc): Promise<RawClient> =>
      new RawClient(server.wsUrl, documentId, { user, ...(doc ? { doc } : {}) }).sync(30_000);
    const random = seededRandom(options.seed);
    const writers = await Promise.all(Array.from({ length: writerCount }, (_, index) => join(`writer${index}`)));
    const healthy = await join('healthy');
    let slow: RawClient[] = [];
    for (let index = 0; index < options.readers; index += 1) slow.push(await join(`slow${index % 50}`));
    const latencies: number[] = [];
    healthy.doc.getMap<string>('values').observe((event) => {
      const now = performance.now();
      for (const key of event.keysChanged) {
        const value = event.target.get(key);
        if (typeof value === 'string') latencies.push(now - Number(value.slice(0, value.indexOf('|'))));
      }
    });
    for (const client of slow) client.pause();

    const rssBeforeBytes = server.rssBytes();
    let rssMostBytes = rssBeforeBytes;
    const filler = 'x'.repeat(options.valueChars);
    const started = performance.now();
    let edits = 0;
    while (performance.now() - started < options.seconds * 1000) {
      const due = Math.floor(((performance.now() - started) / 1000) * options.editsPerSecond);
      for (; edits < due; edits += 1) {
        writers[edits % writerCount]?.edit((doc) => {
          if (edits % 10 === 0)
            doc.getText('content').insert(wholeBelow(random, doc.getText('content').length + 1), 'y');
          else doc.getMap('values').set(`k${wholeBelow(random, keys)}`, `${performance.now()}|${filler}`);
        });
      }
      rssMostBytes = Math.max(rssMostBytes, server.rssBytes());
      await pause(tickMs);
    }
    const floodMs = performance.now() - started;
    const typed = writers.reduce((sum, { doc }) => sum + Y.getState(doc.store, doc.clientID), 0);
    const arrived = (client: RawClient): boolean =>
      writers.reduce((sum, { doc }) => sum + Y.getState(client.doc.store, doc.clientID), 0) === typed;
    await until(() => arrived(healthy), 'the healthy reader has everything', 60_000);
    rssMostBytes = Math.max(rssMostBytes, server.rssBytes());

    const reading = performance.now();
    for (const client of slow) client.resume();
    const closed: Record<number, number> = {};
    slow = await Promise.all(
      slow.map(async (client, index) => {
        await until(
          () => arrived(client) || client.closed !== null,
          'a slow reader has everything or is closed',
          120_000,
        );
        if (client.closed === null || arrived(client)) return client;
        closed[client.closed.code] = (closed[client.closed.code] ?? 0) + 1;
        return join(`slow${index % 50}`, client.doc);
      }),
    );
    const wanted = fingerprint(healthy.doc);
    const right = (client: RawClient): boolean => fingerprint(client.doc) === wanted;
    // Deletes do not show in the clocks; give what is still under way the time to arrive.
    await until(() => slow.every((client) => arrived(client) && right(client)), 'all are right', 10_000).catch(
      () => {},
    );
    report = {
      edits,
      editsPerSecond: (edits / floodMs) * 1000,
      rssBeforeBytes,
      rssMostBytes,
      latencyMs: describeLatency(latencies),
      closed,
      resynced: slow.filter(({ updates }) => updates < healthy.updates * 0.95).length,
      wrong: slow.filter((client) => !right(client)).length,
      catchUpMs: performance.now() - reading,
    };
    for (const client of [healthy, ...writers, ...slow]) client.destroy();
  });
  if (report === null) throw new Error('no report');
  return report;
};

const describeLatency = (latencies: readonly number[]): SlowReadersReport['latencyMs'] => {
  const [p50 = 0, p99 = 0, max = 0] = percentiles(latencies, 0.5, 0.99, 1);
  return { p50, p99, max };
};

/** Content and deletes: two documents with the same one hold the same. */
const fingerprint = (doc: Y.Doc): string => {
  const values = doc.getMap<string>('values');
  return JSON.stringify([
    doc.getText('content').toString(),
    [...values.keys()].sort().map((key) => [key, values.get(key)]),
  ]);
};

const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);

export const describeSlowReaders = (options: SlowReadersOptions, report: SlowReadersReport): string =>
  `${options.readers} connections that never read, ${report.edits} edits at ${report.editsPerSecond.toFixed(0)}/s of about ${options.valueChars} B: ` +
  `RSS ${mib(report.rssBeforeBytes)} MiB before, ${mib(report.rssMostBytes)} MiB at most; healthy reader p50 ${report.latencyMs.p50.toFixed(1)} ms, ` +
  `p99 ${report.latencyMs.p99.toFixed(0)} ms, max ${report.latencyMs.max.toFixed(0)} ms; closed ${JSON.stringify(report.closed)}; ` +
  `${report.resynced} resynced, all right ${report.catchUpMs.toFixed(0)} ms after reading again, ${report.wrong} wrong`;
