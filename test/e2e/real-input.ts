// Real editing histories typed through unmodified providers while the server is killed again and again, and what must be true afterwards.

import { setImmediate as turn } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { until } from '../support/deadline.js';
import { documentRows, type LogRow, replayRows } from '../support/log-rows.js';
import { Rest } from '../support/rest.js';
import { seededRandom, wholeBelow } from '../support/seed.js';
import { generousLimits, type ServerProcess, withServer } from '../support/server-process.js';
import { StockClient } from '../support/stock-client.js';
import { traceClientId } from '../support/traces.js';
import { loadScript, type TypingScript } from '../support/typing-script.js';

export interface RealInputReport {
  readonly name: string;
  readonly edits: number;
  readonly events: number;
  readonly kills: number;
  readonly typingMs: number;
  readonly seqsCompared: number;
}

const people: readonly string[] = ['alice', 'bob'];
const documentId = 'real/input';
/** Edits that a person may be ahead of what carol has read, so that the history does not end during the first outage. */
const aheadMost = 300;
const editsPerTurn = 10;

/** Types `name` through one stock client per person with `kills` kills on the way, and asserts everything that must hold then. */
export const runRealInput = async (
  name: 'friendsforever' | 'sveltecomponent',
  options: { readonly kills: number; readonly seqs: number; readonly seed: number },
): Promise<RealInputReport> => {
  const script = await loadScript(name, options.seed);
  let report: RealInputReport | null = null;
  await withServer({ env: generousLimits }, async (server) => {
    const typists = people.slice(0, script.agents).map((user) => new StockClient(server.wsUrl, documentId, { user }));
    // carol only reads: what she has, the server has.
    const clients = [...typists, new StockClient(server.wsUrl, documentId, { user: 'carol' })];
    try {
      await Promise.all(clients.map((client) => client.synced()));
      const started = performance.now();
      const kills = await typeThrough(server, clients, script, options);
      const complete = (client: StockClient): boolean => client.text.toString() === script.endContent;
      await until(() => clients.every(complete), 'all have the end content', 60_000);
      const typingMs = performance.now() - started;

      const rows = documentRows(server.dataDir, documentId);
      sameText(replayRows(rows).getText('content').toString(), script.endContent, 'a replay of the log');
      rightPeople(rows, script);
      const rest = new Rest(server.url, 'alice');
      sameText((await rest.documentText(documentId)) ?? '', script.endContent, 'the text by REST');
      const head = rows.at(-1)?.seq ?? 0;
      const path = `/documents/${encodeURIComponent(documentId)}/at?seq=`;
      sameText(await rest.text(`${path}${head}&as=text`), script.endContent, 'the text at the head');
      await randomSeqs(rest, path, rows, options);
      report = { name, edits: script.updates.length, events: rows.length, kills, typingMs, seqsCompared: options.seqs };
    } finally {
      for (const client of clients) client.close();
    }
  });
  if (report === null) throw new Error('no report');
  return report;
};

export const describeRealInput = (report: RealInputReport): string =>
  `${report.name}: ${report.edits} edits as ${report.events} events through ${report.kills} kills in ${(report.typingMs / 1000).toFixed(1)} s; ` +
  `${report.seqsCompared} random seqs equal their replay`;

/**
 * Applies each update to its author's provider doc, in the author's order, as soon as that doc has got from the server what the update
 * refers to. Kills the server at random places meanwhile; answers how often.
 */
const typeThrough = async (
  server: ServerProcess,
  clients: readonly StockClient[],
  script: TypingScript,
  options: { readonly kills: number; readonly seed: number },
): Promise<number> => {
  const random = seededRandom(options.seed);
  const { updates } = script;
  const killAt = Array.from({ length: options.kills }, () => wholeBelow(random, updates.length)).sort((a, b) => a - b);
  let typed = 0;
  let kills = 0;

  const typist = async (agent: number, client: StockClient): Promise<void> => {
    const carol = clients.at(-1) ?? client;
    const clientId = traceClientId(agent);
    const ends: number[] = [];
    for (const { agent: author, update, needs } of updates) {
      if (author !== agent) continue;
      const arrived = ([id, clock]: readonly [number, number]): boolean => Y.getState(client.doc.store, id) >= clock;
      if (![...needs].every(arrived))
        await until(() => [...needs].every(arrived), `${people[agent]} gets what edit ${typed} refers to`, 60_000);
      const confirmed = (): boolean => Y.getState(carol.doc.store, clientId) >= (ends.at(-aheadMost) ?? 0);
      if (!confirmed()) await until(confirmed, `carol reads what ${people[agent]} typed`, 60_000);
      Y.applyUpdate(client.doc, update, 'typing');
      ends.push(Y.getState(client.doc.store, clientId));
      typed += 1;
      if (typed % editsPerTurn === 0) await turn();
    }
  };
  const killer = async (): Promise<void> => {
    for (const at of killAt) {
      await until(() => typed >= at, 'the next kill is due', 300_000);
      await server.kill9();
      await server.restart();
      kills += 1;
      await until(() => clients.every(({ provider }) => provider.synced), 'the clients are back', 30_000);
    }
  };
  await Promise.all([killer(), ...clients.slice(0, script.agents).map((client, agent) => typist(agent, client))]);
  return kills;
};

/** Each event holds only what its actor typed and deleted. */
const rightPeople = (rows: readonly LogRow[], script: TypingScript): void => {
  const deletedBy = people.map(() => new Set<string>());
  for (const { agent, update } of script.updates)
    for (const [client, ranges] of Y.decodeUpdate(update).ds.clients)
      for (const { clock, len } of ranges)
        for (let at = clock; at < clock + len; at += 1) deletedBy[agent]?.add(`${client}:${at}`);

  const wrong: string[] = [];
  for (const { seq, kind, actor, payload } of rows) {
    if (kind !== 'edit' || payload === null) continue;
    const agent = people.indexOf(actor);
    const { structs, ds } = Y.decodeUpdate(payload);
    for (const { id } of structs)
      if (id.client !== traceClientId(agent)) wrong.push(`seq ${seq} of ${actor}: ${id.client}`);
    for (const [client, ranges] of ds.clients)
      for (const { clock, len } of ranges)
        for (let at = clock; at < clock + len; at += 1)
          if (deletedBy[agent]?.has(`${client}:${at}`) !== true)
            wrong.push(`seq ${seq} of ${actor}: deletes ${client}:${at}`);
  }
  assert.equal(wrong, [], 'each event has the right one of the people');
};

/** The state the server tells for random seqs is the replay of the log up to there. */
const randomSeqs = async (
  rest: Rest,
  path: string,
  rows: readonly LogRow[],
  options: { readonly seqs: number; readonly seed: number },
): Promise<void> => {
  const random = seededRandom(options.seed + 1);
  const seqs = Array.from({ length: options.seqs }, () => 1 + wholeBelow(random, rows.length)).sort((a, b) => a - b);
  const prefix = new Y.Doc();
  let done = 0;
  for (const seq of seqs) {
    prefix.transact(() => {
      for (; done < seq; done += 1) {
        const payload = rows[done]?.payload;
        if (payload) Y.applyUpdate(prefix, payload);
      }
    });
    const told = new Y.Doc();
    Y.applyUpdate(told, await rest.bytes(`${path}${seq}&as=update`));
    sameText(told.getText('content').toString(), prefix.getText('content').toString(), `the text at seq ${seq}`);
    assert.equal(clocks(told), clocks(prefix), `the state vector at seq ${seq}`);
    told.destroy();
  }
};

/** Equality without printing two documents when it fails. */
const sameText = (actual: string, expected: string, what: string): void => {
  if (actual === expected) return;
  let at = 0;
  while (at < actual.length && actual[at] === expected[at]) at += 1;
  assert.unreachable(`${what} has ${actual.length} characters instead of ${expected.length} and differs at ${at}`);
};

const clocks = (doc: Y.Doc): unknown => [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([a], [b]) => a - b);
