// The notification as everybody sees it: the value of `doc.getMap('notifications').get(id)` and the REST `Notification`.
// Only shapes and the closed lists they are made of; what makes one valid is in data-kinds.ts and request.ts (docs/notifications.md).

import type { UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';

/** From the least to the most pressing: a priority's rank is its place here. */
export const priorities = ['low', 'normal', 'high', 'urgent'] as const;
export type Priority = (typeof priorities)[number];
export const rankOf = (priority: Priority): number => priorities.indexOf(priority);
export const priorityOf = (rank: number): Priority => priorities[rank] ?? 'normal';
/** The rank that always arrives, whatever a person's preferences say. */
export const urgentRank = rankOf('urgent');

export const notificationTypes = ['payment', 'booking', 'flight', 'settlement', 'alert'] as const;
export type NotificationType = (typeof notificationTypes)[number];

/** Decimal string (`"19.99"`) or whole minor units (`1999`, cents): never a float. */
export type Amount = string | number;

export interface PaymentData {
  readonly amount: Amount;
  /** ISO 4217. */
  readonly currency: string;
  readonly status: string;
  readonly transactionId: string;
}
export interface BookingData {
  readonly showTitle: string;
  /** `2026-11-22`, or RFC 3339 with a time. */
  readonly date: string;
  readonly confirmationNumber: string;
  readonly status: string;
}
export interface FlightData {
  readonly flightId: string;
  readonly flightNumber: string;
  readonly status: string;
  readonly gate?: string;
  readonly terminal?: string;
  readonly delayMinutes?: number;
}
export interface SettlementData {
  readonly name: string;
  readonly amount: Amount;
  /** ISO 4217; needed when the amount is in minor units. */
  readonly currency?: string;
  readonly status: string;
}
export interface AlertData {
  readonly urgency: string;
  readonly message: string;
  readonly action?: string;
}
export interface DataByType {
  readonly payment: PaymentData;
  readonly booking: BookingData;
  readonly flight: FlightData;
  readonly settlement: SettlementData;
  readonly alert: AlertData;
}

/** What a notification says, the same for all who get it. Times are Unix ms in here and RFC 3339 in `Notification`. */
export interface Content {
  readonly type: NotificationType;
  readonly priority: Priority;
  readonly title: string;
  readonly message: string;
  readonly data: JsonObject;
  readonly subjectId?: string;
  readonly collapseKey?: string;
  readonly expiresAt?: number;
}

/** Why a notification did not arrive though it was sent. */
export type Suppression = 'muted' | 'priority' | 'quiet-hours';

/** Where a notification stands, as stored: only an `active` one can be in an inbox. The number is its place in the list. */
export const standings = ['active', 'suppressed', 'collapsed', 'expired', 'recalled'] as const;
export type Standing = (typeof standings)[number];

export interface Notification {
  /** Sorts by time: order by id is order by (createdAt, id). */
  readonly id: string;
  readonly type: NotificationType;
  readonly priority: Priority;
  readonly title: string;
  readonly message: string;
  readonly data: JsonObject;
  readonly actor: UserId;
  readonly subjectId?: string;
  readonly collapseKey?: string;
  readonly broadcastId?: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly seenAt: string | null;
  readonly readAt: string | null;
  readonly archivedAt: string | null;
  /** Only in history and in the answer to a send: why it is in no inbox. */
  readonly standing?: Exclude<Standing, 'active'>;
  readonly suppressed?: Suppression;
}

export interface Counts {
  /** In the inbox: neither archived, expired, recalled, collapsed nor suppressed. */
  readonly total: number;
  readonly unread: number;
  readonly unseen: number;
}

export interface NotificationPage extends Counts {
  readonly notifications: readonly Notification[];
  /** Give it as `after` for what comes next; `null` on the last page. */
  readonly next: string | null;
}
