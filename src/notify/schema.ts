// The tables of the notifications projection. What was sent is one row (`message`); who it is for is either one pointer row for each person
// (`entry`) or, for a broadcast to all, nothing: it is merged in when a person reads, and only those who did something with it have a
// row (`receipt`). A message's content is kept as JSON, whole, because reading one value is cheaper than nine. Times are Unix ms, priorities are ranks, standings are places in `standings`.

/** Stands for "never expires", so that one comparison serves all rows. */
export const never = Number.MAX_SAFE_INTEGER;

export const schema = `
CREATE TABLE notify_message (
  id TEXT PRIMARY KEY, actor TEXT NOT NULL, type TEXT NOT NULL, rank INTEGER NOT NULL, collapse_key TEXT,
  expires_at INTEGER NOT NULL, content TEXT NOT NULL
) STRICT, WITHOUT ROWID;


CREATE TABLE notify_entry (
  user_id TEXT NOT NULL, id TEXT NOT NULL, message_id TEXT NOT NULL, broadcast_id TEXT,
  type TEXT NOT NULL, rank INTEGER NOT NULL, collapse_key TEXT, expires_at INTEGER NOT NULL,
  standing INTEGER NOT NULL, suppressed TEXT, live INTEGER NOT NULL,
  seen_at INTEGER, read_at INTEGER, archived_at INTEGER,
  PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notify_entry_inbox ON notify_entry (user_id, id) WHERE standing = 0 AND archived_at IS NULL;
CREATE INDEX notify_entry_unread ON notify_entry (user_id, id) WHERE standing = 0 AND archived_at IS NULL AND read_at IS NULL;
CREATE INDEX notify_entry_archived ON notify_entry (user_id, id) WHERE archived_at IS NOT NULL;
CREATE INDEX notify_entry_collapse ON notify_entry (user_id, collapse_key)
  WHERE standing = 0 AND archived_at IS NULL AND read_at IS NULL AND collapse_key IS NOT NULL;
CREATE INDEX notify_entry_collapsed ON notify_entry (user_id, collapse_key, id) WHERE standing = 2 AND collapse_key IS NOT NULL;
CREATE INDEX notify_entry_due ON notify_entry (expires_at, user_id, id)
  WHERE standing = 0 AND archived_at IS NULL AND expires_at < ${never};
CREATE INDEX notify_entry_own_due ON notify_entry (user_id, expires_at, id, read_at, seen_at)
  WHERE standing = 0 AND archived_at IS NULL AND expires_at < ${never};
CREATE UNIQUE INDEX notify_entry_once ON notify_entry (broadcast_id, user_id) WHERE broadcast_id IS NOT NULL;

CREATE TABLE notify_inbox (
  user_id TEXT PRIMARY KEY, total INTEGER NOT NULL, unread INTEGER NOT NULL, unseen INTEGER NOT NULL, last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE notify_broadcast (
  id TEXT PRIMARY KEY, event_id INTEGER NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL,
  type TEXT NOT NULL, rank INTEGER NOT NULL,
  audience TEXT NOT NULL, recipients TEXT, total INTEGER NOT NULL, delivered INTEGER NOT NULL, slices INTEGER NOT NULL,
  live INTEGER NOT NULL, recalled_at INTEGER, expires_at INTEGER NOT NULL, collapse_key TEXT, zones TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notify_broadcast_all ON notify_broadcast (audience, id) WHERE audience = 'all' AND recalled_at IS NULL;
-- All that counting needs, the columns of its own condition included, so that no row is looked at for it.
CREATE INDEX notify_broadcast_counted ON notify_broadcast (event_id, expires_at, collapse_key, id, recalled_at, audience)
  WHERE audience = 'all' AND recalled_at IS NULL;
CREATE INDEX notify_broadcast_collapse ON notify_broadcast (collapse_key, event_id) WHERE audience = 'all' AND collapse_key IS NOT NULL;
CREATE INDEX notify_broadcast_due ON notify_broadcast (expires_at) WHERE audience = 'all' AND recalled_at IS NULL AND expires_at < ${never};
CREATE INDEX notify_broadcast_unfinished ON notify_broadcast (id) WHERE audience <> 'all' AND recalled_at IS NULL AND delivered < total;

CREATE TABLE notify_receipt (
  user_id TEXT NOT NULL, broadcast_id TEXT NOT NULL,
  seen_at INTEGER, read_at INTEGER, read_event INTEGER, archived_at INTEGER,
  PRIMARY KEY (user_id, broadcast_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE notify_person (
  number INTEGER PRIMARY KEY, user_id TEXT NOT NULL UNIQUE, event_id INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT;

CREATE TABLE notify_preferences (user_id TEXT PRIMARY KEY, preferences TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE notify_rule (
  user_id TEXT NOT NULL, type TEXT NOT NULL, from_event INTEGER NOT NULL, to_event INTEGER NOT NULL,
  muted INTEGER NOT NULL, minimum_rank INTEGER NOT NULL, quiet_from INTEGER, quiet_to INTEGER, zone TEXT,
  PRIMARY KEY (user_id, type, from_event)
) STRICT, WITHOUT ROWID;
CREATE INDEX notify_rule_zone ON notify_rule (zone) WHERE zone IS NOT NULL;

CREATE TABLE notify_newest (place INTEGER PRIMARY KEY, id TEXT NOT NULL) STRICT;
CREATE TABLE notify_tally (name TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE notify_delay (bucket INTEGER PRIMARY KEY, number INTEGER NOT NULL) STRICT;
`;

export const tables = [
  'notify_message',
  'notify_entry',
  'notify_inbox',
  'notify_broadcast',
  'notify_receipt',
  'notify_person',
  'notify_preferences',
  'notify_rule',
  'notify_newest',
  'notify_tally',
  'notify_delay',
] as const;
