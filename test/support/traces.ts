// Real editing histories, replayed with Yjs as they were recorded (README of the data folder). The data lies outside the project:
// TRACE_DIR, by default ../shared/data. Where it is absent, `loadTrace` answers null and the test says so and uses its own text.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as Y from 'yjs';

/** At `position`, `deleted` characters go and `inserted` comes. */
export type Patch = readonly [position: number, deleted: number, inserted: string];

export interface SequentialTrace {
  readonly kind: 'sequential';
  readonly startContent: string;
  readonly endContent: string;
  readonly txns: readonly { readonly patches: readonly Patch[] }[];
}

export interface ConcurrentTrace {
  readonly kind: 'concurrent';
  readonly endContent: string;
  readonly numAgents: number;
  readonly txns: readonly {
    readonly parents: readonly number[];
    readonly agent: number;
    readonly patches: readonly Patch[];
  }[];
}

/** One transaction of an agent, as the Yjs update (V1) that its Y.Doc emitted. */
export interface TraceUpdate {
  readonly agent: number;
  readonly update: Uint8Array;
}

interface TraceFiles {
  friendsforever: ConcurrentTrace;
  sveltecomponent: SequentialTrace;
}

const folder = process.env['TRACE_DIR'] ?? '../shared/data';

export const loadTrace = <Name extends keyof TraceFiles>(name: Name): TraceFiles[Name] | null => {
  const file = join(folder, `${name}.json.gz`);
  if (!existsSync(file)) {
    console.log(`  (${file} is absent: TRACE_DIR names the folder of editing traces)`);
    return null;
  }
  const data = JSON.parse(gunzipSync(readFileSync(file)).toString()) as TraceFiles[Name];
  return { ...data, kind: name === 'friendsforever' ? 'concurrent' : 'sequential' };
};

/** The client id of an agent's Y.Doc. */
export const traceClientId = (agent: number): number => 1_000 + agent;

/** Replays a trace into the Y.Text `name`, one Y.Doc per agent, and yields each transaction's update in the order of the trace. */
export async function* replayTrace(
  trace: SequentialTrace | ConcurrentTrace,
  name = 'content',
): AsyncGenerator<TraceUpdate> {
  yield* trace.kind === 'sequential' ? replaySequential(trace, name) : replayConcurrent(trace, name);
}

function* replaySequential(trace: SequentialTrace, name: string): Generator<TraceUpdate> {
  const author = new Author(0, name);
  if (trace.startContent !== '') yield { agent: 0, update: author.edit([[0, 0, trace.startContent]]) };
  for (const { patches } of trace.txns) yield { agent: 0, update: author.edit(patches) };
}

function* replayConcurrent(trace: ConcurrentTrace, name: string): Generator<TraceUpdate> {
  const authors = Array.from({ length: trace.numAgents }, (_, agent) => new Author(agent, name));
  const known = authors.map(() => new Set<number>());
  const updates: Uint8Array[] = [];
  for (const [index, txn] of trace.txns.entries()) {
    const author = authors[txn.agent];
    const seen = known[txn.agent];
    if (author === undefined || seen === undefined) throw new Error(`transaction ${index} names no agent`);
    for (const ancestor of missingAncestors(trace, txn.parents, seen)) {
      seen.add(ancestor);
      Y.applyUpdate(author.doc, updates[ancestor] ?? new Uint8Array());
    }
    const update = author.edit(txn.patches);
    seen.add(index);
    updates.push(update);
    yield { agent: txn.agent, update };
  }
}

/** The ancestors of a transaction that its agent has not seen, earliest first. */
const missingAncestors = (
  trace: ConcurrentTrace,
  parents: readonly number[],
  seen: ReadonlySet<number>,
): readonly number[] => {
  const missing = new Set<number>();
  const open = [...parents];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next) || missing.has(next)) continue;
    missing.add(next);
    open.push(...(trace.txns[next]?.parents ?? []));
  }
  return [...missing].sort((a, b) => a - b);
};

class Author {
  readonly doc = new Y.Doc();
  readonly #text: Y.Text;
  #emitted: Uint8Array = new Uint8Array();

  constructor(agent: number, name: string) {
    this.doc.clientID = traceClientId(agent);
    this.#text = this.doc.getText(name);
    this.doc.on('update', (update: Uint8Array) => {
      this.#emitted = update;
    });
  }

  edit(patches: readonly Patch[]): Uint8Array {
    this.doc.transact(() => {
      for (const [position, deleted, inserted] of patches) {
        if (deleted > 0) this.#text.delete(position, deleted);
        if (inserted !== '') this.#text.insert(position, inserted);
      }
    });
    return this.#emitted;
  }
}
