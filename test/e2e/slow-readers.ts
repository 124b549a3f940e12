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

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface SlowReadersReport {
  readonly edits: number;
  readonly editsPerSecond: number;
  readonly rssBeforeBytes: number;
  readonly rssMostBytes: number;
  /** From the writer's send to a healthy reader in the same room, ms: before the slow ones came, and beside them. */
  readonly latencyAloneMs: Latency;
  readonly latencyMs: Latency;
  /** The same in the second half, when the kernel has taken all it takes for sockets that nobody reads. */
  readonly latencyLaterMs: Latency;
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
const keys = 20;
const tickMs = 10;
const readingAtOnce = 20;

export const runSlowReaders = async (options: SlowReadersOptions): Promise<SlowReadersReport> => {
  let report: SlowReadersReport | null = null;
  await withServer({ env: generousLimits }, async (server) => {
    const join = async (
      user: string,
      how: { readonly doc?: Y.Doc; readonly deaf?: boolean } = {},
    ): Promise<RawClient> => new RawClient(server.wsUrl, documentId, { user, ...how }).sync(30_000);
    const random = seededRandom(options.seed);
    const writers = await Promise.all(
      Array.from({ length: writerCount }, (_, index) => join(`writer${index}`, { deaf: true })),
    );
    const healthy = await join('healthy');
    let latencies: { readonly at: number; readonly ms: number }[] = [];
    healthy.doc.getMap<string>('values').observe((event) => {
      const now = performance.now();
      for (const key of event.keysChanged) {
        const value = event.target.get(key);
        if (typeof value === 'string')
          latencies.push({ at: now, ms: now - Number(value.slice(0, value.indexOf('|'))) });
      }
    });
    const filler = 'x'.repeat(options.valueChars);
    const edit = (writer: RawClient, text: boolean): void =>
      writer.edit((doc) => {
        if (text) doc.getText('content').insert(wholeBelow(random, doc.getText('content').length + 1), 'y');
        // Keys of its own, so that no value loses against another writer's and each arrival is seen.
        else doc.getMap('values').set(`${doc.clientID}-${wholeBelow(random, keys)}`, `${performance.now()}|${filler}`);
      });
    const arrived = (client: RawClient): boolean =>
      writers.every(({ doc }) => Y.getState(client.doc.store, doc.clientID) === Y.getState(doc.store, doc.clientID));
    let rssMostBytes = 0;
    let edits = 0;
    /** Edits at the rate asked for until `seconds` are over and the healthy reader has all of it; answers how long the writing took. */
    const flood = async (seconds: number): Promise<number> => {
      const started = performance.now();
      const before = edits;
      latencies = [];
      while (performance.now() - started < seconds * 1000) {
        const due = before + Math.floor(((performance.now() - started) / 1000) * options.editsPerSecond);
        for (; edits < due; edits += 1) {
          const writer = writers[edits % writerCount];
          if (writer) edit(writer, random() < 0.1);
        }
        rssMostBytes = Math.max(rssMostBytes, server.rssBytes());
        await pause(tickMs);
      }
      const ms = performance.now() - started;
      await until(() => arrived(healthy), 'the healthy reader has everything', 60_000);
      rssMostBytes = Math.max(rssMostBytes, server.rssBytes());
      return ms;
    };

    await flood(options.seconds / 2);
    const latencyAloneMs = describeLatency(latencies.map(({ ms }) => ms));
    const slow: RawClient[] = [];
    for (let index = 0; index < options.readers; index += 1) slow.push(await join(`slow${index % 50}`));
    for (const client of slow) client.pause();
    const rssBeforeBytes = server.rssBytes();
    const framesBefore = healthy.updates;
    edits = 0;
    rssMostBytes = 0;
    const floodFrom = performance.now();
    const floodMs = await flood(options.seconds);
    const latencyMs = describeLatency(latencies.map(({ ms }) => ms));
    const later = latencies.filter(({ at }) => at > floodFrom + floodMs / 2);
    const latencyLaterMs = describeLatency(later.map(({ ms }) => ms));
    const frames = healthy.updates - framesBefore;

    const reading = performance.now();
    const wanted = fingerprint(healthy.doc);
    const closed: Record<number, number> = {};
    let wrong = 0;
    let resynced = 0;
    /** Lets one client read again, and join again where it was closed; whatever it lacks a minute later counts as wrong. */
    const readAgain = async (client: RawClient, index: number): Promise<void> => {
      let reader = client;
      reader.resume();
      await until(
        () => arrived(reader) || reader.closed !== null,
        `slow reader ${index} has everything or is closed`,
        60_000,
      );
      if (reader.closed !== null) {
        closed[reader.closed.code] = (closed[reader.closed.code] ?? 0) + 1;
        reader = await join(`slow${index % 50}`, { doc: client.doc });
      }
      // Deletes do not show in the clocks; what is still under way gets the time to arrive.
      const right = (): boolean => arrived(reader) && fingerprint(reader.doc) === wanted;
      await until(right, `slow reader ${index} is right`, 60_000).catch((error: unknown) => {
        wrong += 1;
        console.error(error);
      });
      if (reader.updates < frames * 0.95) resynced += 1;
      reader.destroy();
    };
    // A few at a time, and gone when they were right: all of them share this one process and its memory.
    for (let done = 0; slow.length > 0; done += readingAtOnce)
      await Promise.all(slow.splice(0, readingAtOnce).map((client, index) => readAgain(client, done + index)));
    report = {
      edits,
      editsPerSecond: (edits / floodMs) * 1000,
      rssBeforeBytes,
      rssMostBytes,
      latencyAloneMs,
      latencyMs,
      latencyLaterMs,
      closed,
      resynced,
      wrong,
      catchUpMs: performance.now() - reading,
    };
    for (const client of [healthy, ...writers]) client.destroy();
  });
  if (report === null) throw new Error('no report');
  return report;
};

const describeLatency = (latencies: readonly number[]): Latency => {
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

const latencyText = ({ p50, p99, max }: Latency): string =>
  `p50 ${p50.toFixed(1)} ms p99 ${p99.toFixed(0)} ms max ${max.toFixed(0)} ms`;

export const describeSlowReaders = (options: SlowReadersOptions, report: SlowReadersReport): string =>
  `${options.readers} connections that never read, ${report.edits} edits at ${report.editsPerSecond.toFixed(0)}/s of about ${options.valueChars} B: ` +
  `RSS ${mib(report.rssBeforeBytes)} MiB before, ${mib(report.rssMostBytes)} MiB at most; healthy reader ${latencyText(report.latencyMs)}, ` +
  `in the second half ${latencyText(report.latencyLaterMs)}, without them ${latencyText(report.latencyAloneMs)}; ` +
  `closed ${JSON.stringify(report.closed)}; ` +
  `${report.resynced} resynced, all right ${report.catchUpMs.toFixed(0)} ms after reading again, ${report.wrong} wrong`;
