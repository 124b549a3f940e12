// What a session is answered about the state of things: the document's part waits in the room's order for the commit of what it contains;
// channels have no part in that order, what they show is durable already and is read when the answer leaves.

import * as Y from 'yjs';
import type { Packet } from './outlet.js';
import { encodeStep1, encodeStep2, encodeUpdate } from './protocol.js';
import type { Session } from './session.js';
import { joinParts, type Part, partOf } from './update-splice.js';

/** To a SyncStep1: one step2 with all that the client lacks, a step1 with all that the server has (if `ask`), and everybody's presence. */
export const answerStep1 = (session: Session, held: ReadonlyMap<number, number>, ask: boolean): void => {
  const { room, overlay } = session;
  const { doc } = room;
  const known = encodeClocks(held);
  const step1 = ask ? step1Of(session) : null;
  if (!overlay) {
    const update = Y.encodeStateAsUpdate(doc, known);
    return room.answer(session, () => withPresence(session, encodeStep2(update), step1), 'joined');
  }
  const mine = partOf(doc, known);
  const stale = overlay.stale(held, doc);
  const compose = () => withPresence(session, encodeStep2(joinParts([mine, ...overlay.parts(held)], stale)), step1);
  room.answer(session, compose, 'joined');
};

/** Asks a session for whatever the room lacks. */
export const askForMore = (session: Session): void => {
  const step1 = step1Of(session);
  session.room.answer(session, () => [session.pack(step1)], null);
};

/** Brings a session up to date that was too slow for live frames: `missed` is a lower bound of the clocks it has not seen. */
export const answerMissed = (session: Session, missed: ReadonlyMap<number, number>): void => {
  const { room, overlay } = session;
  const { doc } = room;
  const known = Y.decodeStateVector(Y.encodeStateVector(doc));
  for (const [client, clock] of known) known.set(client, Math.min(clock, missed.get(client) ?? clock));
  const mine = partOf(doc, encodeClocks(known));
  const stale = overlay?.stale(missed, doc) ?? [];
  const compose = () =>
    withPresence(session, encodeUpdate(joinParts([mine, ...missedParts(session, missed)], stale)), null);
  room.answer(session, compose, 'caught-up');
};

/** All of a view, to a session that has just subscribed to it. */
export const answerSubscription = (session: Session, part: Part): void => {
  session.room.answer(session, () => [session.pack(encodeUpdate(part.update))], null);
};

const missedParts = ({ overlay }: Session, missed: ReadonlyMap<number, number>): readonly Part[] => {
  if (!overlay) return [];
  const known = [...overlay.clocks()].map(
    ([client, clock]) => [client, Math.min(clock, missed.get(client) ?? clock)] as const,
  );
  return overlay.parts(new Map(known));
};

const withPresence = (session: Session, first: Uint8Array, second: Uint8Array | null): readonly Packet[] => {
  const presence = session.room.awareness.snapshot();
  return [first, ...(second ? [second] : []), ...(presence ? [presence] : [])].map(session.pack);
};

const step1Of = (session: Session): Uint8Array => {
  const { room, overlay } = session;
  session.asked();
  const own = Y.encodeStateVector(room.doc);
  if (!overlay) return encodeStep1(own);
  return encodeStep1(encodeClocks(new Map([...Y.decodeStateVector(own), ...overlay.clocks()])));
};

const encodeClocks = (clocks: ReadonlyMap<number, number>): Uint8Array => Y.encodeStateVector(new Map(clocks));
