// Reads broadcasts out of the projection: how far they are, which are unfinished, what expires next and for whom.

import type { UserId } from '../model/ids.js';
import type { SqlDatabase } from '../model/projection.js';
import { formatTime } from '../model/time.js';
import { timeOfId } from './id-sequence.js';
import { broadcastsByKey, quietZones } from './inbox-sql.js';
import type { Content } from './notification.js';
import type { Audience } from './request.js';
import { never } from './schema.js';
import { type NamedStatement, prepareNamed } from './statement.js';

export interface BroadcastStatus {
  readonly broadcastId: string;
  readonly audience: Audience;
  readonly state: 'running' | 'done' | 'recalled';
  /** How many people it is for, and how many have it. */
  readonly total: number;
  readonly delivered: number;
  readonly createdAt: string;
  readonly recalledAt: string | null;
}

/** A list broadcast under way. */
export interface Delivery {
  readonly id: string;
  readonly actor: UserId;
  readonly content: Content;
  readonly recipients: readonly UserId[];
}

export interface Due {
  readonly userId: UserId;
  readonly id: string;
}

export const broadcastSql = {
  status: `SELECT audience, total, delivered, slices, recalled_at AS recalledAt FROM notify_broadcast WHERE id = :id`,
  unfinished: `SELECT id FROM notify_broadcast WHERE audience <> 'all' AND recalled_at IS NULL AND delivered < total ORDER BY id`,
  delivery: `SELECT b.recipients, m.actor, m.content FROM notify_broadcast b JOIN notify_message m ON m.id = b.id WHERE b.id = :id`,
  entries: `SELECT user_id AS userId, id FROM notify_entry WHERE broadcast_id = :id AND broadcast_id IS NOT NULL`,
  dueEntries: `SELECT user_id AS userId, id FROM notify_entry WHERE standing = 0 AND archived_at IS NULL
    AND expires_at < ${never} AND expires_at > :from AND expires_at <= :until`,
  dueBroadcasts: `SELECT id FROM notify_broadcast WHERE audience = 'all' AND recalled_at IS NULL
    AND expires_at < ${never} AND expires_at > :from AND expires_at <= :until`,
  nextEntry: `SELECT min(expires_at) AS at FROM notify_entry WHERE standing = 0 AND archived_at IS NULL
    AND expires_at < ${never} AND expires_at > :from`,
  nextBroadcast: `SELECT min(expires_at) AS at FROM notify_broadcast WHERE audience = 'all' AND recalled_at IS NULL
    AND expires_at < ${never} AND expires_at > :from`,
  newestId: 'SELECT id FROM notify_newest WHERE place = 1',
} as const;

interface StatusRow {
  readonly audience: Audience;
  readonly total: number;
  readonly delivered: number;
  readonly slices: number;
  readonly recalledAt: number | null;
}

export class BroadcastReader {
  readonly #statements: Readonly<Record<keyof typeof broadcastSql, NamedStatement>>;
  readonly #zones: NamedStatement;
  readonly #byKey: NamedStatement;

  constructor(db: SqlDatabase) {
    const prepared = Object.entries(broadcastSql).map(([name, sql]) => [name, prepareNamed(db, sql)] as const);
    this.#statements = Object.fromEntries(prepared) as Record<keyof typeof broadcastSql, NamedStatement>;
    this.#zones = prepareNamed(db, quietZones);
    this.#byKey = prepareNamed(db, broadcastsByKey);
  }

  row(id: string): StatusRow | null {
    return (this.#statements.status.get({ id }) as StatusRow | undefined) ?? null;
  }

  status(id: string): BroadcastStatus | null {
    const row = this.row(id);
    if (row === null) return null;
    const { audience, total, delivered, recalledAt } = row;
    const state = recalledAt !== null ? 'recalled' : delivered < total ? 'running' : 'done';
    const times = {
      createdAt: formatTime(timeOfId(id)),
      recalledAt: recalledAt === null ? null : formatTime(recalledAt),
    };
    return { broadcastId: id, audience, state, total, delivered, ...times };
  }

  /** Lists that some recipients have not got yet. */
  unfinished(): readonly string[] {
    return (this.#statements.unfinished.all({}) as { id: string }[]).map(({ id }) => id);
  }

  delivery(id: string): Delivery {
    const row = this.#statements.delivery.get({ id }) as { recipients: string; actor: UserId; content: string };
    const recipients = JSON.parse(row.recipients) as UserId[];
    return { id, actor: row.actor, content: JSON.parse(row.content) as Content, recipients };
  }

  /** Who has an entry of this broadcast, and under which id. */
  entries(id: string): readonly Due[] {
    return this.#statements.entries.all({ id }) as Due[];
  }

  /** What expires after `from` and not after `until`. */
  due(from: number, until: number): { readonly entries: readonly Due[]; readonly broadcasts: readonly string[] } {
    const entries = this.#statements.dueEntries.all({ from, until }) as Due[];
    const broadcasts = this.#statements.dueBroadcasts.all({ from, until }) as { id: string }[];
    return { entries, broadcasts: broadcasts.map(({ id }) => id) };
  }

  /** When the next expiry after `from` is; `null` when nothing expires. */
  nextExpiry(from: number): number | null {
    const entry = this.#statements.nextEntry.get({ from }) as { at: number | null };
    const broadcast = this.#statements.nextBroadcast.get({ from }) as { at: number | null };
    const times = [entry.at, broadcast.at].filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Broadcasts to all with this collapse key. */
  withKey(key: string, now: number): readonly string[] {
    return (this.#byKey.all({ key, now }) as { id: string }[]).map(({ id }) => id);
  }

  /** Time zones in which somebody has quiet hours. */
  zones(): readonly string[] {
    return (this.#zones.all({}) as { name: string }[]).map(({ name }) => name);
  }

  /** The newest id given so far; `null` before the first. */
  newestId(): string | null {
    const row = this.#statements.newestId.get({}) as { id: string } | undefined;
    return row?.id ?? null;
  }
}
