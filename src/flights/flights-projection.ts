// The flights' read model: one row per flight with its state, and the boards it is on. Computed from events alone (I3).

import { parseStreamName } from '../model/ids.js';
import type { Projection, SqlDatabase, SqlStatement } from '../model/projection.js';
import { decodeEvent, flightKinds } from './flight-events.js';
import { designator } from './legs.js';
import { type FlightState, foldEvent, mainBoard } from './state.js';

const schema = `
CREATE TABLE flights (
  flight_id TEXT PRIMARY KEY,
  designator TEXT NOT NULL,
  tracking TEXT NOT NULL,
  listed INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX flights_by_designator ON flights (designator);
CREATE INDEX flights_by_tracking ON flights (tracking, flight_id);
CREATE INDEX flights_by_listed ON flights (listed, flight_id);
CREATE TABLE flights_board (
  board TEXT NOT NULL,
  flight_id TEXT NOT NULL,
  PRIMARY KEY (board, flight_id)
) STRICT, WITHOUT ROWID;
`;

/** Every query's text by name; a test asserts that each one searches an index. */
export const flightSql = {
  byId: 'SELECT state FROM flights WHERE flight_id = ?',
  byDesignator: 'SELECT state FROM flights WHERE designator = ? ORDER BY flight_id',
  byTracking: 'SELECT state FROM flights WHERE tracking = ? AND flight_id > ? ORDER BY flight_id LIMIT ?',
  listed: 'SELECT state FROM flights WHERE listed = 1 ORDER BY flight_id',
  onBoard: `SELECT state FROM flights_board JOIN flights USING (flight_id)
    WHERE board = ? AND listed = 1 ORDER BY flights_board.flight_id`,
  count: 'SELECT count(*) AS count FROM flights WHERE tracking = ?',
  put: `INSERT INTO flights (flight_id, designator, tracking, listed, state) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (flight_id) DO UPDATE SET tracking = excluded.tracking, listed = excluded.listed, state = excluded.state`,
  putBoard: 'INSERT INTO flights_board (board, flight_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
} as const;

const parseState = (row: unknown): FlightState | null =>
  row === undefined ? null : (JSON.parse((row as { readonly state: string }).state) as FlightState);

const parseStates = (rows: readonly unknown[]): readonly FlightState[] =>
  rows.map(parseState).filter((state) => state !== null);

export const flightsProjection: Projection = {
  name: 'flights',
  version: 1,
  schema,
  tables: ['flights', 'flights_board'],
  kinds: flightKinds,
  open(db) {
    const get = db.prepare(flightSql.byId);
    const put = db.prepare(flightSql.put);
    const putBoard = db.prepare(flightSql.putBoard);
    return (event) => {
      const stream = parseStreamName(event.stream);
      if (stream?.type !== 'flight') return;
      const flightId = stream.name;
      const before = parseState(get.get(flightId));
      const state = foldEvent(flightId, before, decodeEvent(event));
      put.run(flightId, designator(state.leg), state.tracking, state.listed ? 1 : 0, JSON.stringify(state));
      for (const board of state.boards) if (!before?.boards.includes(board)) putBoard.run(board, flightId);
    };
  },
};

export interface Page {
  /** Flights whose id is greater. */
  readonly after?: string;
  readonly limit?: number;
}

/** Parsed states that are remembered; more, and all are forgotten. */
const maxParsed = 4_096;

/** Reads the projection; statements are prepared once. */
export class FlightQueries {
  /** States by the very text they were parsed from: a poll that changes nothing parses nothing. */
  readonly #parsed = new Map<string, { readonly text: string; readonly state: FlightState }>();
  readonly #byId: SqlStatement;
  readonly #byDesignator: SqlStatement;
  readonly #byTracking: SqlStatement;
  readonly #listed: SqlStatement;
  readonly #onBoard: SqlStatement;
  readonly #count: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#byId = db.prepare(flightSql.byId);
    this.#byDesignator = db.prepare(flightSql.byDesignator);
    this.#byTracking = db.prepare(flightSql.byTracking);
    this.#listed = db.prepare(flightSql.listed);
    this.#onBoard = db.prepare(flightSql.onBoard);
    this.#count = db.prepare(flightSql.count);
  }

  byId(flightId: string): FlightState | null {
    const row = this.#byId.get(flightId) as { readonly state: string } | undefined;
    const known = this.#parsed.get(flightId);
    if (row !== undefined && row.state === known?.text) return known.state;
    const state = parseState(row);
    if (this.#parsed.size >= maxParsed) this.#parsed.clear();
    if (row === undefined || state === null) this.#parsed.delete(flightId);
    else this.#parsed.set(flightId, { text: row.state, state });
    return state;
  }

  byDesignator(text: string): readonly FlightState[] {
    return parseStates(this.#byDesignator.all(text));
  }

  /** In order of their ids. */
  active({ after = '', limit = -1 }: Page = {}): readonly FlightState[] {
    return parseStates(this.#byTracking.all('active', after, limit));
  }

  listed(): readonly FlightState[] {
    return parseStates(this.#listed.all());
  }

  /** What a board shows: the flights that are on it by name, and the one flight whose own board it is. */
  onBoard(board: string): readonly FlightState[] {
    const named = parseStates(this.#onBoard.all(board));
    const own = board === mainBoard ? null : this.byId(board);
    return own?.listed && !named.some((state) => state.flightId === board) ? [...named, own] : named;
  }

  count(tracking: FlightState['tracking']): number {
    const row = this.#count.get(tracking) as { readonly count: number };
    return row.count;
  }
}
