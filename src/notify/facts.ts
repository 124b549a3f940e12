// The facts of this domain as events: one function for each kind writes its `meta`, and one type says what a reader finds there.
// The projection trusts these shapes because nothing else writes to these streams.

import type { EventKind, LoggedEvent, NewEvent } from '../model/events.js';
import { parseStreamName, type StreamName, streamName, type UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import type { Content, Suppression } from './notification.js';
import type { Preferences } from './preferences.js';
import type { Audience } from './request.js';

export interface Notified {
  readonly id: string;
  /** Its content: in the event itself, or in that of the broadcast. */
  readonly content?: Content;
  readonly broadcastId?: string;
  /** Whether the person had their inbox open when it was sent. */
  readonly live: boolean;
  readonly suppressed?: Suppression;
}
/** `ids`, or all up to and including `upTo`. */
export type Marked = { readonly ids: readonly string[] } | { readonly upTo: string };
/** All that expired until then (Unix ms) have left the counts. */
export interface Expired {
  readonly until: number;
}
export interface BroadcastAccepted {
  readonly content: Content;
  readonly audience: Audience;
  /** Absent for `all`. */
  readonly recipients?: readonly UserId[];
  /** For `all`: how many had their inbox open, and the local minute of the day in each time zone with quiet hours. */
  readonly live?: number;
  readonly zones?: Readonly<Record<string, number>>;
}
export interface Progress {
  readonly delivered: number;
}

interface Fact {
  readonly stream: StreamName;
  readonly kind: EventKind;
  readonly actor: UserId;
  readonly at: number;
}
export interface Stamp {
  readonly actor: UserId;
  readonly at: number;
}

const newEvent = (fact: Fact, meta: object): NewEvent => ({ ...fact, payload: null, meta: meta as JsonObject });
const inbox = (user: UserId): StreamName => streamName('inbox', user);
export const broadcastStream = (id: string): StreamName => streamName('broadcast', id);

export const notified = (user: UserId, stamp: Stamp, fact: Notified): NewEvent =>
  newEvent({ stream: inbox(user), kind: 'notified', ...stamp }, fact);
export const marked = (kind: 'read' | 'seen' | 'archived', user: UserId, stamp: Stamp, fact: Marked): NewEvent =>
  newEvent({ stream: inbox(user), kind, ...stamp }, fact);
export const expired = (user: UserId, stamp: Stamp, fact: Expired): NewEvent =>
  newEvent({ stream: inbox(user), kind: 'expired', ...stamp }, fact);
export const broadcastAccepted = (id: string, stamp: Stamp, fact: BroadcastAccepted): NewEvent =>
  newEvent({ stream: broadcastStream(id), kind: 'broadcast', ...stamp }, fact);
export const progressed = (id: string, stamp: Stamp, fact: Progress): NewEvent =>
  newEvent({ stream: broadcastStream(id), kind: 'progress', ...stamp }, fact);
export const recalled = (id: string, stamp: Stamp): NewEvent =>
  newEvent({ stream: broadcastStream(id), kind: 'recalled', ...stamp }, {});
export const appeared = (user: UserId, stamp: Stamp): NewEvent =>
  newEvent({ stream: streamName('person', user), kind: 'appeared', ...stamp }, {});
export const preferred = (user: UserId, stamp: Stamp, preferences: Preferences): NewEvent =>
  newEvent({ stream: streamName('preferences', user), kind: 'preferences', ...stamp }, preferences);

/** Whose stream an event is in: a person's id, or a broadcast's. */
export const subjectOf = (event: LoggedEvent): UserId => (parseStreamName(event.stream)?.name ?? '') as UserId;
/** The event's meta as the fact it was written as. */
export const factOf = <Shape>(event: LoggedEvent): Shape => event.meta as unknown as Shape;
