// What a session is answered about the state of things: the document's part waits in the room's order for the commit of what it contains;
// channels have no part in that order, what they show is durable already and is read when the answer leaves.

import * as Y from 'yjs';
import { allows } from '../model/roles.js';
import type { Packet } from './outlet.js';
import { encodeStep1, encodeStep2, encodeUpdate } from './protocol.js';
import type { Session } from './session.js';
import { joinParts, partOf } from './update-splice.js';

/** To a SyncStep1: one step2 with all that the client lacks, a step1 with all that the server has (if `ask`), and everybody's presence. */
export const answerStep1 = (session: Session, held: ReadonlyMap<number, number>, ask: boolean): void => {
  const { room, overlay } = session;
  const { doc } = room;
  const own = Y.encodeStateVector(doc);
  if (ask) session.asked();
  const known = encodeClocks(held);
  const mine = room.encoded.of(room.head, known, () => partOf(doc, known));
  if (!overlay) {
    const answer = () => framed(session, encodeStep2(mine.update), ask ? encodeStep1(own) : null);
    return room.answer(session, answer, 'joined');
  }
  const compose = () => {
    const stale = overlay.stale(held, doc);
    const joined = encodeStep2(joinParts([mine, ...overlay.parts(held, doc)], stale));
    // What is retracted is not asked for either.
    const retracted = stale.map(({ client, end }) => [client, end] as const);
    return framed(session, joined, ask ? unionStep1(session, own, retracted) : null);
  };
  room.answer(session, compose, 'joined');
};

/** Asks a session for whatever the room lacks. */
export const askForMore = (session: Session): void => {
  const own = Y.encodeStateVector(session.room.doc);
  session.asked();
  session.room.answer(session, () => [session.pack(unionStep1(session, own))], null);
};

/** Brings a session up to date that was too slow for live frames: `missed` is a lower bound of the clocks it has not seen. */
export const answerMissed = (session: Session, missed: ReadonlyMap<number, number>): void => {
  const { room, overlay } = session;
  const { doc } = room;
  const seen = ([client, clock]: readonly [number, number]) =>
    [client, Math.min(clock, missed.get(client) ?? clock)] as const;
  const mine = partOf(doc, encodeClocks(new Map([...Y.decodeStateVector(Y.encodeStateVector(doc))].map(seen))));
  const compose = () => {
    const parts = overlay?.parts(new Map([...overlay.clocks()].map(seen)), doc) ?? [];
    return framed(session, encodeUpdate(joinParts([mine, ...parts], overlay?.stale(missed, doc) ?? [])), null);
  };
  room.answer(session, compose, 'caught-up');
};

/** All of a channel, to a session that has just subscribed to it; and a question, since an own inbox may be hidden in its client (C4). */
export const answerSubscription = (session: Session, name: string): void => {
  const whole = session.overlay?.whole(name);
  if (whole) session.outlet.send(session.pack(encodeUpdate(joinParts([whole.part], whole.retractions))));
  for (const frame of session.overlay?.positions() ?? []) session.outlet.send(session.pack(frame));
  if (allows(session.role, 'edit')) askForMore(session);
};

/** A message, perhaps a second one, and everybody's presence. */
const framed = (session: Session, first: Uint8Array, second: Uint8Array | null): readonly Packet[] => {
  const presence = session.room.awareness.snapshot();
  const positions = session.overlay?.positions() ?? [];
  return [first, ...(second ? [second] : []), ...(presence ? [presence] : []), ...positions].map((message) =>
    session.pack(message),
  );
};

const unionStep1 = (
  { overlay }: Session,
  own: Uint8Array,
  stale: readonly (readonly [client: number, clock: number])[] = [],
): Uint8Array => {
  if (!overlay) return encodeStep1(own);
  return encodeStep1(encodeClocks(new Map([...overlay.clocks(), ...stale, ...Y.decodeStateVector(own)])));
};

const encodeClocks = (clocks: ReadonlyMap<number, number>): Uint8Array => Y.encodeStateVector(new Map(clocks));
