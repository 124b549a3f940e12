// What a change of a flight means for the boards that show it: patches with the fields that changed, nothing else. Where positions would
// be is nowhere: they never enter a board.

import { streamName } from '../model/ids.js';
import type { Json } from '../model/json.js';
import type { EntryPatch, ViewPatch } from '../model/views.js';
import { changedFields, type Flight } from './flight.js';
import { type FlightState, recordOf } from './state.js';

type Fields = Readonly<Record<string, Json | undefined>>;

const fieldsOf = (record: Flight): Fields => ({ ...record }) as unknown as Fields;

/** A full entry, for a board on which the flight is new. */
export const entryOf = (state: FlightState): EntryPatch => ({ key: state.flightId, fields: fieldsOf(recordOf(state)) });

const changeOf = (before: FlightState, after: FlightState): EntryPatch | null => {
  const record = recordOf(after);
  const changed = changedFields(recordOf(before), record);
  if (changed.length === 0) return null;
  return { key: after.flightId, fields: Object.fromEntries(changed.map((field) => [field, record[field] as Json])) };
};

/** The names of the boards that show a flight; its own comes last. */
export const boardsOf = (state: FlightState): readonly string[] =>
  state.boards.includes(state.flightId) ? state.boards : [...state.boards, state.flightId];

/** All patches of one change. A flight's own board is patched only while somebody has it open: it is built from the projection. */
export const boardPatches = (before: FlightState | null, after: FlightState): readonly ViewPatch[] => {
  const wasShown = before?.listed ?? false;
  if (!wasShown && !after.listed) return [];
  const change = before !== null && wasShown ? changeOf(before, after) : null;
  const patches: ViewPatch[] = [];
  for (const board of boardsOf(after)) {
    const isNew = after.listed && !(wasShown && before !== null && boardsOf(before).includes(board));
    const entry = !after.listed ? { key: after.flightId, fields: null } : isNew ? entryOf(after) : change;
    if (entry === null) continue;
    const own = board === after.flightId && !after.boards.includes(board);
    patches.push({ view: streamName('board', board), entries: [entry], ...(own ? { onlyIfOpen: true } : {}) });
  }
  return patches;
};
