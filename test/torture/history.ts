// npm run torture -- history [events] [seed]: how long history queries take on a document with a long past, over a log in memory.

import * as Y from 'yjs';
import { createHistoryQueries } from '../../src/crdt/history-queries.js';
import { DocumentLog, userIdOf } from '../support/document-log.js';
import { type Dice, dice } from '../support/random.js';

const people = ['alice', 'bob'].map(userIdOf);
const client = 4_000_000_004;

/**
 * Two people at one text, keystroke by keystroke: runs of typing and of deleting with pauses between them, mostly where the last run
 * ended. About 40 of 100 keystrokes stay as text, as in the long histories that people have recorded.
 */
const typedLog = (count: number, { below, chance, pick }: Dice): DocumentLog => {
  const log = new DocumentLog('long', { checkpoints: true });
  let at = 1_000_000;
  const docs = people.map((actor, index) => {
    const doc = new Y.Doc();
    doc.clientID = 10 + index;
    return { actor, doc, text: doc.getText('content'), cursor: 0 };
  });
  for (const { doc, actor } of docs)
    doc.on('update', (payload: Uint8Array, origin: unknown) => {
      if (origin === 'other') return;
      at += 120;
      log.append({ actor, at, payload });
      for (const other of docs) if (other.doc !== doc) Y.applyUpdate(other.doc, payload, 'other');
    });
  while (log.seq < count) {
    const writer = pick(docs);
    const { text } = writer;
    if (chance(0.2)) writer.cursor = below(text.length + 1);
    writer.cursor = Math.min(writer.cursor, text.length);
    at += 800;
    if (chance(0.5))
      for (let left = below(30); left > 0; left--) text.insert(writer.cursor++, pick([...'etaoin shrdlu']));
    else for (let left = below(13); left > 0 && writer.cursor > 0; left--) text.delete(--writer.cursor, 1);
  }
  return log;
};

/** Prints wall time, and processor time of the whole process in brackets: the better measure on a busy machine. */
const timed = async (name: string, runs: number, task: (run: number) => Promise<unknown>): Promise<void> => {
  const walls: number[] = [];
  const processors: number[] = [];
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    const used = process.cpuUsage();
    await task(i);
    const { user, system } = process.cpuUsage(used);
    walls.push(performance.now() - started);
    processors.push((user + system) / 1_000);
  }
  const [wall, processor] = [summary(walls), summary(processors)];
  console.log(`  ${name}, ${runs} runs: ${wall} ms (processor: ${processor})`);
};

const summary = (times: readonly number[]): string => {
  const sorted = times.toSorted((a, b) => a - b);
  const [median, worst] = [sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0];
  return `first ${times[0]?.toFixed(0)}, median ${median.toFixed(0)}, worst ${worst.toFixed(0)}`;
};

export const torture = async (args: readonly string[]): Promise<void> => {
  const [count = 260_000, seed = 1] = args.map(Number);
  const random = dice(seed);
  const started = performance.now();
  const log = typedLog(count, random);
  const bytes = log.events.reduce((sum, { payload }) => sum + (payload?.byteLength ?? 0), 0);
  const cached = log.checkpoints.reduce((sum, { state }) => sum + state.byteLength, 0);
  const last = log.checkpoints.at(-1)?.state.byteLength ?? 0;
  console.log(
    `${count} events, seed ${seed}, written in ${Math.round(performance.now() - started)} ms: ${bytes} bytes of updates, ` +
      `${log.checkpoints.length} checkpoints of ${cached} bytes, the last ${last}`,
  );
  const fresh = () => createHistoryQueries(log);
  await timed('any past state as text', 30, () =>
    fresh().stateAt(log.id, { seq: 1 + random.below(log.seq), as: 'text' }),
  );
  await timed('the newest state as text', 10, () => fresh().stateAt(log.id, { as: 'text' }));
  await timed('diff of the last 1,000 events', 10, () => fresh().diff(log.id, { from: log.seq - 1_000, to: log.seq }));
  await timed('restore to half-way, dry run', 5, () =>
    fresh().restore(log.id, { seq: log.seq >> 1, actor: userIdOf('alice'), at: 0, client }),
  );
  await timed('edit', 10, () =>
    fresh().edit(log.id, { edit: { path: ['content'], action: 'insert', index: 5, value: 'x' }, client }),
  );
  const kept = fresh();
  await timed('attribution', 5, () => kept.attribution(log.id, { name: 'content' }));
  const undo = async (history: ReturnType<typeof fresh>, actor = userIdOf('alice')) => {
    const request = { kind: 'undo', scope: 'user', actor, client } as const;
    const { update, meta } = await history.undo(log.id, request);
    log.append({ actor, at: 0, kind: 'undo', payload: update, meta });
  };
  await timed('undo by a server that just started', 10, () => undo(fresh()));
  await timed('undo after undo', 10, () => undo(kept));
  await timed('a whole diff', 1, () => fresh().diff(log.id, { from: 0, to: log.seq }));
};
