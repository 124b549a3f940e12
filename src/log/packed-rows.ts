// Many small rows of the table `event` in one row of two texts. What better-sqlite3 spends on a row (an object of nine values, a Buffer with
// memory of its own) is 40 times what SQLite spends on it, and a replay reads thousands: packed, a page takes a fifth of the time.

import type { EventRow } from './event-record.js';

/** Rows that are larger are left out, so that a page stays small whatever is in it. */
const maxSmallBytes = 512;
const isSmall = `coalesce(length(payload), 0) + coalesce(octet_length(meta), 0) <= ${maxSmallBytes}`;

/** The statement that packs the rows of another one, in their order. */
export const packed = (rows: string): string =>
  `SELECT json_group_array(CASE WHEN ${isSmall} THEN json_array(id, seq, at, actor, kind, length(payload), meta, crc) ELSE seq END) AS rows,
     group_concat(CASE WHEN ${isSmall} THEN hex(payload) END, '') AS payloads
   FROM (${rows})`;

export interface PackedRows {
  readonly rows: string;
  /** Hexadecimal, one behind the other. */
  readonly payloads: string | null;
}

type PackedRow = readonly [
  id: number,
  seq: number,
  at: number,
  actor: string,
  kind: string,
  bytes: number | null,
  meta: string | null,
  crc: number,
];

/** The rows of `stream` in order; for one that was left out its seq. */
export const unpacked = (stream: string, { rows, payloads }: PackedRows): readonly (EventRow | number)[] => {
  const bytes = Buffer.from(payloads ?? '', 'hex');
  let from = 0;
  return (JSON.parse(rows) as readonly (PackedRow | number)[]).map((row) => {
    if (typeof row === 'number') return row;
    const [id, seq, at, actor, kind, length, meta, crc] = row;
    const payload = length === null ? null : bytes.subarray(from, from + length);
    from += length ?? 0;
    return { id, stream, seq, at, actor, kind, payload, meta, crc };
  });
};
