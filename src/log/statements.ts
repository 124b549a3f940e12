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
  // The index by stream and seq becomes a table of its own, which may lag behind (stream-index.ts).
  `CREATE TABLE stream_index(
     stream TEXT NOT NULL,
     seq INTEGER NOT NULL,
     id INTEGER NOT NULL,
     PRIMARY KEY(stream, seq)
   ) STRICT, WITHOUT ROWID;
   ALTER TABLE log_state ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE lean_event(
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     stream TEXT NOT NULL,
     seq INTEGER NOT NULL CHECK(seq > 0),
     at INTEGER NOT NULL,
     actor TEXT NOT NULL,
     kind TEXT NOT NULL,
     payload BLOB,
     meta TEXT,
     crc INTEGER NOT NULL
   ) STRICT;
   INSERT INTO lean_event SELECT * FROM event ORDER BY id;
   DELETE FROM sqlite_sequence WHERE name = 'lean_event';
   INSERT INTO sqlite_sequence SELECT 'lean_event', seq FROM sqlite_sequence WHERE name = 'event';
   DROP TABLE event;
   ALTER TABLE lean_event RENAME TO event;`,
];

export const eventRowsPerStatement = 8;
const columns = 'id, stream, seq, at, actor, kind, payload, meta, crc';
const rowOfEvent = '(?, ?, ?, ?, ?, ?, ?, ?, ?)';
const rest = 'at, actor, kind, payload, meta, crc';

/** Events that the index does not know yet: at most a few thousand at the end of the table, which are looked through. */
const unindexed = 'id > (SELECT indexed FROM log_state WHERE one = 1)';

/**
 * Rows of one stream, under a condition that names `seq`. Stream and seq are taken from the index and checked by the event's crc, so an
 * index that leads astray shows as damage.
 */
const eventsOfStream = (condition: string): string =>
  `SELECT id, stream, seq, ${rest} FROM (
     SELECT e.id, i.stream, i.seq, ${rest} FROM stream_index i LEFT JOIN event e ON e.id = i.id
       WHERE i.stream = @stream AND ${condition.replaceAll('seq', 'i.seq')}
     UNION ALL SELECT ${columns} FROM event WHERE ${unindexed} AND stream = @stream AND ${condition})`;

/** Actor and kinds are null for any; kinds come as `,edit,undo,`. So one constant text serves every filter. */
const filter = `(@actor IS NULL OR actor = @actor) AND (@kinds IS NULL OR instr(@kinds, ',' || kind || ',') > 0)`;
const listed = `${eventsOfStream('seq > @after AND seq < @before')} WHERE ${filter}`;

const eventsAfter = `${eventsOfStream('seq > @after AND seq <= @upTo')} ORDER BY seq LIMIT @limit`;

export const readStatements = {
  lastEvent: `${eventsOfStream('seq > 0')} ORDER BY seq DESC LIMIT 1`,
  firstSeq: `SELECT seq FROM (
     SELECT seq FROM stream_index WHERE stream = @stream
     UNION ALL SELECT seq FROM event WHERE ${unindexed} AND stream = @stream) ORDER BY seq LIMIT 1`,
  eventsAfter,
  packedEventsAfter: packed(eventsAfter),
  lastEventUpTo: `${eventsOfStream('seq <= @upTo')} ORDER BY seq DESC LIMIT 1`,
  listAscending: `${listed} ORDER BY seq LIMIT @limit`,
  listDescending: `${listed} ORDER BY seq DESC LIMIT @limit`,
  eventsOfAllAfter: `SELECT ${columns} FROM event WHERE id > ? ORDER BY id LIMIT ?`,
  eventsOfKindsAfter: `SELECT ${columns} FROM event WHERE id > ? AND id <= ? AND instr(?, ',' || kind || ',') > 0 ORDER BY id LIMIT ?`,
  lastId: 'SELECT id FROM event ORDER BY id DESC LIMIT 1',
  indexed: 'SELECT indexed FROM log_state WHERE one = 1',
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
  // A violated constraint is as loud as after a plain INSERT, and ends the transaction, which it must anyway: otherwise SQLite keeps copies
  // of the pages to take half of a statement back, for 1.4 µs an event.
  insertEvent: `INSERT OR ROLLBACK INTO event(${columns}) VALUES ${rowOfEvent}`,
  insertEvents: `INSERT OR ROLLBACK INTO event(${columns}) VALUES ${Array(eventRowsPerStatement).fill(rowOfEvent).join(', ')}`,
  indexEvents: `INSERT OR ROLLBACK INTO stream_index(stream, seq, id)
     SELECT stream, seq, id FROM event WHERE ${unindexed} AND id <= ? ORDER BY stream, seq`,
  setIndexed: 'UPDATE log_state SET indexed = ? WHERE one = 1',
  countStreams: 'UPDATE log_state SET streams = streams + ? WHERE one = 1',
  dropCheckpoint: 'DELETE FROM checkpoint WHERE stream = ? AND seq = ?',
  insertCheckpoint: 'INSERT INTO checkpoint(stream, seq, state, crc) VALUES (?, ?, ?, ?)',
  oldestIndexed: 'SELECT seq, id FROM stream_index WHERE stream = ? AND seq < ? ORDER BY seq LIMIT ?',
  dropEvent: 'DELETE FROM event WHERE id = ?',
  dropIndexed: 'DELETE FROM stream_index WHERE stream = ? AND seq <= ?',
  dropUnindexed: `DELETE FROM event WHERE ${unindexed} AND stream = ? AND seq < ?`,
  truncateCheckpoints: 'DELETE FROM checkpoint WHERE stream = ? AND seq < ?',
  probe: 'UPDATE log_state SET probe = zeroblob(?) WHERE one = 1',
  forgetProjection: 'DELETE FROM projection WHERE name = ?',
  noteApplied: 'UPDATE projection SET applied = ? WHERE name = ?',
  insertProjection: 'INSERT INTO projection(name, version, applied) VALUES (?, ?, ?)',
} as const;

/** Of `contrail rebuild` alone. */
export const forgetIndex = 'DELETE FROM stream_index; UPDATE log_state SET indexed = 0 WHERE one = 1';

/** Of `contrail verify` alone, which reads everything on purpose. */
export const verifyStatements = {
  checkpoints: 'SELECT stream, seq, state, crc FROM checkpoint ORDER BY rowid',
  eventById: `SELECT ${columns} FROM event WHERE id = ?`,
  /** From the index alone. */
  places: 'SELECT id, stream, seq FROM stream_index ORDER BY stream, seq',
  schema: 'SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name',
  strayEntries: `SELECT i.stream, i.seq FROM stream_index i LEFT JOIN event e ON e.id = i.id
     WHERE e.stream IS NOT i.stream OR e.seq IS NOT i.seq LIMIT ?`,
  missingEntries: `SELECT e.stream, e.seq FROM event e LEFT JOIN stream_index i ON i.stream = e.stream AND i.seq = e.seq
     WHERE e.id <= (SELECT indexed FROM log_state WHERE one = 1) AND i.id IS NOT e.id LIMIT ?`,
} as const;

/** Small tables read as a whole, at start. */
export const projectionNames = 'SELECT name FROM projection';
/** The highest id ever given, also when that event was truncated away. */
export const highestId = `SELECT seq FROM sqlite_sequence WHERE name = 'event'`;
