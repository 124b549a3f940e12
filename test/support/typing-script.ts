// Who types what, in which order, as ready-made Yjs updates: a recorded history where there is one, else text of our own making.

import * as Y from 'yjs';
import { seededRandom, wholeBelow } from './seed.js';
import { loadTrace, replayTrace, type TraceUpdate, traceClientId } from './traces.js';

export interface ScriptedUpdate extends TraceUpdate {
  /** The clocks of others that must be there before the update can be applied. */
  readonly needs: ReadonlyMap<number, number>;
}

export interface TypingScript {
  readonly updates: readonly ScriptedUpdate[];
  readonly endContent: string;
  readonly agents: number;
}

/** The clocks an update refers to, by client: origins, parents and deletes. */
export const dependenciesOf = (update: Uint8Array): Map<number, number> => {
  const { structs, ds } = Y.decodeUpdate(update);
  const needs = new Map<number, number>();
  const need = (client: number, clock: number): void => {
    needs.set(client, Math.max(clock, needs.get(client) ?? 0));
  };
  for (const struct of structs) {
    if (struct.id.clock > 0) need(struct.id.client, struct.id.clock);
    if (!(struct instanceof Y.Item)) continue;
    for (const id of [struct.origin, struct.rightOrigin]) if (id !== null) need(id.client, id.clock + 1);
  }
  for (const [client, ranges] of ds.clients) for (const { clock, len } of ranges) need(client, clock + len);
  return needs;
};

export const loadScript = async (name: 'friendsforever' | 'sveltecomponent', seed: number): Promise<TypingScript> => {
  const trace = loadTrace(name);
  const agents = name === 'friendsforever' ? 2 : 1;
  const updates: ScriptedUpdate[] = [];
  if (trace === null) return ownScript(agents, seed);
  for await (const { agent, update } of replayTrace(trace)) {
    const needs = dependenciesOf(update);
    needs.delete(traceClientId(agent));
    updates.push({ agent, update, needs });
  }
  return { updates, endContent: trace.endContent, agents };
};

/**
 * Agents type at random places and hear of each other now and then; always before one deletes, so that nothing is deleted twice: the
 * second update would say nothing new, and be no event.
 */
const ownScript = (agents: number, seed: number): TypingScript => {
  const random = seededRandom(seed);
  const updates: ScriptedUpdate[] = [];
  const docs = Array.from({ length: agents }, (_, agent) => {
    const doc = new Y.Doc();
    doc.clientID = traceClientId(agent);
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'peer') return;
      const needs = dependenciesOf(update);
      needs.delete(doc.clientID);
      updates.push({ agent, update, needs });
    });
    return doc;
  });
  const exchange = (): void => {
    for (const from of docs)
      for (const to of docs)
        if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), 'peer');
  };
  for (let edit = 0; edit < 8_000; edit += 1) {
    const text = docs[wholeBelow(random, agents)]?.getText('content');
    if (text === undefined) continue;
    if (text.length > 10 && random() < 0.25) {
      exchange();
      text.delete(wholeBelow(random, text.length - 4), 1 + wholeBelow(random, 4));
    } else text.insert(wholeBelow(random, text.length + 1), String.fromCharCode(97 + wholeBelow(random, 26)));
    if (random() < 0.05) exchange();
  }
  exchange();
  return { updates, endContent: docs[0]?.getText('content').toString() ?? '', agents };
};
