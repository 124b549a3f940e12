// Every SQL text that reads or writes the log's own tables, by name, and the migrations that make these tables. The query-plan test
// walks `readStatements` and `writeStatements`: each of them must search an index. Projections' SQL stands beside the projections.

import { packed } from './packed-rows.js';

/** 'CTRL' in ASCII: marks a SQLite file as Contrail's. */
export const applicationId = 0x4354_524c;

/** One entry per `user_version`, forward only. Never change an entry that was released: append one. */
export const migrations: readonly string[] = [
  `CREATE TABLE event(
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     stream TEXT NOT NULL,
     seq INTEGER NOT NULL CHECK(seq > 0),
     at INTEGER NOT NULL,
     actor TEXT NOT NULL,
     kind TEXT NOT NULL,
     payload BLOB,
     meta TEXT,
     crc INTEGER NOT NULL,
     UNIQUE(stream, seq)
   ) STRICT;
   CREATE TABLE checkpoint(
     stream TEXT NOT NULL,
     seq INTEGER NOT NULL,
     state BLOB NOT NULL,
     crc INTEGER NOT NULL,
     PRIMARY KEY(stream, seq)
   ) STRICT;
   CREATE TABLE projection(name TEXT PRIMARY KEY, version INTEGER NOT NULL, applied INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE log_state(
     one INTEGER PRIMARY KEY CHECK(one = 1),
     streams INTEGER NOT NULL,
     probe BLOB
   ) STRICT;
   INSERT INTO log_state VALUES (1, 0, NULL);`,
];

export const eventRowsPerStatement = 8;
const columns = 'id, stream, seq, at, actor, kind, payload, meta, crc';
const rowOfEvent = '(?, ?, ?, ?, ?, ?, ?, ?, ?)';
/** Actor and kinds each come twice, null for any; kinds as `,edit,undo,`. So one constant text serves every filter. */
const filter = `(? IS NULL OR actor = ?) AND (? IS NULL OR instr(?, ',' || kind || ',') > 0)`;

const eventsAfter = `SELECT ${columns} FROM event WHERE stream = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`;

export const readStatements = {
  lastEvent: `SELECT ${columns} FROM event WHERE stream = ? ORDER BY seq DESC LIMIT 1`,
  firstSeq: 'SELECT seq FROM event WHERE stream = ? ORDER BY seq LIMIT 1',
  eventsAfter,
  packedEventsAfter: packed(eventsAfter),
  lastEventUpTo: `SELECT ${columns} FROM event WHERE stream = ? AND seq <= ? ORDER BY seq DESC LIMIT 1`,
  listAscending: `SELECT ${columns} FROM event WHERE stream = ? AND seq > ? AND seq < ? AND ${filter} ORDER BY seq LIMIT ?`,
  listDescending: `SELECT ${columns} FROM event WHERE stream = ? AND seq > ? AND seq < ? AND ${filter} ORDER BY seq DESC LIMIT ?`,
  eventsOfAllAfter: `SELECT ${columns} FROM event WHERE id > ? ORDER BY id LIMIT ?`,
  eventsOfKindsAfter: `SELECT ${columns} FROM event WHERE id > ? AND id <= ? AND instr(?, ',' || kind || ',') > 0 ORDER BY id LIMIT ?`,
  lastId: 'SELECT id FROM event ORDER BY id DESC LIMIT 1',
  checkpointUpTo: 'SELECT seq, state, crc FROM checkpoint WHERE stream = ? AND seq <= ? ORDER BY seq DESC LIMIT 1',
  firstCheckpoint: 'SELECT seq FROM checkpoint WHERE stream = ? AND seq >= ? ORDER BY seq LIMIT 1',
  newestCheckpoints: 'SELECT stream, seq, length(state) AS bytes FROM checkpoint ORDER BY rowid DESC LIMIT 64',
  streamCount: 'SELECT streams FROM log_state WHERE one = 1',
  projectionState: 'SELECT version, applied FROM projection WHERE name = ?',
} as const;

export const writeStatements = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
  insertEvent: `INSERT INTO event(${columns}) VALUES ${rowOfEvent}`,
  insertEvents: `INSERT INTO event(${columns}) VALUES ${Array(eventRowsPerStatement).fill(rowOfEvent).join(', ')}`,
  countStreams: 'UPDATE log_state SET streams = streams + ? WHERE one = 1',
  dropCheckpoint: 'DELETE FROM checkpoint WHERE stream = ? AND seq = ?',
  insertCheckpoint: 'INSERT INTO checkpoint(stream, seq, state, crc) VALUES (?, ?, ?, ?)',
  truncateEvents: 'DELETE FROM event WHERE stream = ? AND seq < ?',
  truncateCheckpoints: 'DELETE FROM checkpoint WHERE stream = ? AND seq < ?',
  probe: 'UPDATE log_state SET probe = zeroblob(?) WHERE one = 1',
  forgetProjection: 'DELETE FROM projection WHERE name = ?',
  insertProjection: 'INSERT INTO projection(name, version, applied) VALUES (?, ?, ?)',
} as const;

/** Of `contrail verify` alone, which reads everything on purpose. */
export const verifyStatements = {
  checkpoints: 'SELECT stream, seq, state, crc FROM checkpoint ORDER BY rowid',
  eventById: `SELECT ${columns} FROM event WHERE id = ?`,
  /** From the index alone. */
  places: 'SELECT id, stream, seq FROM event INDEXED BY sqlite_autoindex_event_1 ORDER BY stream, seq',
  schema: 'SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name',
} as const;

/** Small tables read as a whole, at start. */
export const projectionNames = 'SELECT name FROM projection';
/** The highest id ever given, also when that event was truncated away. */
export const highestId = `SELECT seq FROM sqlite_sequence WHERE name = 'event'`;
