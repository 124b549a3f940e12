// A person's notifications out of the document they have open, and marking them read. The server alone writes the map
// (docs/notifications.md); it holds the newest, REST has the rest.

import type { Doc, Map as YMap } from 'yjs';
import type { Json, JsonObject } from '../model/json.js';
import { controlOf, type StockProvider } from './control.js';

export type NotificationType = 'payment' | 'booking' | 'flight' | 'settlement' | 'alert';
export type NotificationPriority = 'low' | 'normal' | 'high' | 'urgent';

export interface Notification {
  /** Sorts by time. */
  readonly id: string;
  readonly type: NotificationType;
  readonly priority: NotificationPriority;
  readonly title: string;
  readonly message: string;
  /** By type. */
  readonly data: JsonObject;
  readonly actor: string;
  readonly subjectId?: string;
  readonly collapseKey?: string;
  readonly broadcastId?: string;
  /** Times are RFC 3339. */
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly seenAt: string | null;
  readonly readAt: string | null;
  readonly archivedAt: string | null;
}

const mapOf = (doc: Doc): YMap<YMap<Json>> => doc.getMap<YMap<Json>>('notifications');

/** What is in the map now, newest first. Observe `doc.getMap('notifications')` deeply to hear of changes. */
export const notificationsOf = (doc: Doc): readonly Notification[] =>
  [...mapOf(doc).values()]
    .map((entry) => entry.toJSON() as unknown as Notification)
    .sort((a, b) => (a.id < b.id ? 1 : -1));

/** How many of those in the map are unread. */
export const unread = (doc: Doc): number => {
  let count = 0;
  for (const entry of mapOf(doc).values()) if (entry.get('readAt') === null) count += 1;
  return count;
};

const read = async (provider: StockProvider, what: JsonObject): Promise<number> => {
  const answer = await controlOf(provider).request('read', what);
  return Number(answer['unread']);
};

/** Marks these as read on all of the person's devices; how many unread are left. Rejects with ControlError. */
export const markRead = (provider: StockProvider, ids: readonly string[]): Promise<number> => read(provider, { ids });

/** Marks everything up to the newest in the map as read: what arrives meanwhile stays unread. How many unread are left. */
export const markAllRead = async (provider: StockProvider): Promise<number> => {
  const [newest] = notificationsOf(provider.doc);
  return newest === undefined ? 0 : read(provider, { upTo: newest.id });
};
