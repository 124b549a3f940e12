// What a day of polling makes of the main board's document: its size, and what is written for it.

import { ViewDocument } from '../../src/crdt/view-document.js';
import { type DayOptions, pollADay } from '../flights/day-of-polling.js';
import { board } from './channel-stage.js';
import { shownBy } from './yjs-view.js';

export interface BoardDay {
  readonly flights: number;
  /** Bytes of the document as a joining client gets it: the most at any time, and at the end. */
  readonly mostBytes: number;
  readonly lastBytes: number;
  /** Bytes of the updates that polling caused: what is logged for the board, and sent to each of its subscribers. */
  readonly updateBytes: number;
  readonly updates: number;
  readonly rotations: number;
  /** All that polling wrote into the log: the flights' own events and these updates. */
  readonly writtenBytes: number;
  /** How often a flight went stale. */
  readonly stale: number;
}

/** The longest that a view document's first client id is when encoded. */
const firstClient = 2 ** 28 - 1;

/** `weather`: how the source behaves that day; well by default. */
const runBoardDay = async (flights: number, seed: number, weather: Partial<DayOptions> = {}): Promise<BoardDay> => {
  const day = await pollADay({ flights, hours: 24, seed, ...weather });
  const main = board('main');
  const view = new ViewDocument(main, { content: null, floor: 0, head: 0 });
  let client = firstClient;
  let mostBytes = 0;
  let updateBytes = 0;
  let eventBytes = 0;
  let updates = 0;
  let rotations = 0;
  let stale = 0;
  for (const { events, views } of day.harness.changes) {
    if (events[0]?.kind === 'stale') stale += 1;
    if (events[0]?.kind !== 'tracked')
      for (const { payload, meta } of events)
        eventBytes += (payload?.length ?? 0) + (meta === null ? 0 : JSON.stringify(meta).length);
    for (const { view: stream, entries } of views) {
      if (stream !== main) continue;
      const payload = view.draft(client, entries);
      if (!payload) continue;
      view.reveal();
      if (events[0]?.kind !== 'tracked') {
        updates += 1;
        updateBytes += payload.length;
      }
      if (!view.isWorn) continue;
      client += 1;
      rotations += 1;
      view.draftRotation(client);
      updateBytes += view.reveal().update.length;
    }
    mostBytes = Math.max(mostBytes, view.part(0).update.length);
  }
  const lastBytes = view.part(0).update.length;
  const shown = JSON.stringify(Object.keys(shownBy(view)).sort());
  const expected = JSON.stringify(
    day.flights
      .board('main')
      .map(({ flightId }) => flightId)
      .sort(),
  );
  if (shown !== expected) throw new Error(`the board shows ${shown}, not ${expected}`);
  const writtenBytes = eventBytes + updateBytes;
  return { flights, mostBytes, lastBytes, updateBytes, updates, rotations, writtenBytes, stale };
};

const flightsOfTheDay = 200;
const maxWrittenBytes = 300_000;
const maxBoardBytes = 150_000;

/** A day of 200 flights, told on the console and held to what it may cost. */
export const holdBoardDay = async (seed: number, weather: Partial<DayOptions> = {}): Promise<BoardDay> => {
  const day = await runBoardDay(flightsOfTheDay, seed, weather);
  console.log(`  seed ${seed}: ${JSON.stringify(day)}`);
  if (day.mostBytes > maxBoardBytes) throw new Error(`the board grew to ${day.mostBytes} bytes`);
  if (day.writtenBytes > maxWrittenBytes) throw new Error(`${day.writtenBytes} bytes were written`);
  return day;
};
