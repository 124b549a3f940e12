// What those who watch a flight are told (docs/flights.md, "Who is told"). Flights decides what is worth telling and logs it in the
// flight's own transaction; this words it and says which events and patches belong there.

import type { NewEvent } from '../model/events.js';
import { parseUserId, systemActor } from '../model/ids.js';
import type { DomainChange, ViewPatch } from '../model/views.js';
import type { Desk } from './desk.js';
import type { Content, Priority } from './notification.js';
import { post } from './sender.js';

/** One change of a flight that watchers are told of: the part of what flights/ hands over that is used here. */
export interface FlightNotice {
  readonly flightId: string;
  readonly kind: 'gate' | 'status' | 'delay';
  /** The gate, the status, or the delay in minutes before and after. */
  readonly from: string | number | null;
  readonly to: string | number | null;
  readonly priority: Extract<Priority, 'high' | 'normal'>;
  readonly watchers: readonly string[];
  /** The record after the change. */
  readonly flight: {
    readonly flightNumber: string;
    readonly status: string;
    readonly gate?: string;
    readonly terminal?: string;
    readonly delayMinutes: number | null;
  };
  /** Unix ms. */
  readonly at: number;
}

const keyPrefix = 'flight/';

/** Whether a collapse key is one of these notices. */
export const isFlightKey = (key: string): boolean => key.startsWith(keyPrefix);

const delaySentence = (minutes: number | null): string => {
  if (minutes === null || minutes === 0) return 'On schedule.';
  return minutes > 0 ? `${minutes} minutes late.` : `${-minutes} minutes early.`;
};

const gateSentence = (from: FlightNotice['from'], to: FlightNotice['to']): string => {
  if (to === null) return `Gate ${from} no longer holds.`;
  return from === null ? `Gate ${to}.` : `Gate changed from ${from} to ${to}.`;
};

const wordingOf = ({
  kind,
  from,
  to,
  flight,
}: FlightNotice): { readonly headline: string; readonly message: string } => {
  switch (kind) {
    case 'gate':
      return { headline: to === null ? 'gate withdrawn' : `gate ${to}`, message: gateSentence(from, to) };
    case 'status': {
      const delay = flight.status === 'delayed' ? ` ${delaySentence(flight.delayMinutes)}` : '';
      return { headline: String(to), message: `Now ${to}, was ${from}.${delay}` };
    }
    case 'delay': {
      const message = delaySentence(flight.delayMinutes);
      return { headline: message.slice(0, -1).toLowerCase(), message };
    }
  }
};

/** What the notification says. It collapses with an unread earlier one about the same flight and kind. */
export const noticeContent = (notice: FlightNotice): Content => {
  const { flightId, kind, priority, flight } = notice;
  const { flightNumber, status, gate, terminal, delayMinutes } = flight;
  const { headline, message } = wordingOf(notice);
  return {
    ...{ type: 'flight', priority, title: `Flight ${flightNumber}: ${headline}`, message },
    data: {
      ...{ flightId, flightNumber, status },
      ...(gate === undefined ? {} : { gate }),
      ...(terminal === undefined ? {} : { terminal }),
      ...(delayMinutes === null ? {} : { delayMinutes }),
    },
    subjectId: flightId,
    collapseKey: `${keyPrefix}${flightId}/${kind}`,
  };
};

/** One notification for each watcher, to be added to the flight's own change. Their ids are made here: commit in the same turn. */
export const flightNotices = (desk: Desk, notice: FlightNotice): DomainChange => {
  const content = noticeContent(notice);
  const open = new Set(desk.openInboxes());
  const events: NewEvent[] = [];
  const views: ViewPatch[] = [];
  for (const watcher of new Set(notice.watchers)) {
    const user = parseUserId(watcher);
    if (user === null) continue; // nobody can have this inbox
    const stamp = { actor: systemActor, at: notice.at };
    const { event, change } = post(desk, { user, content, live: open.has(user) }, stamp);
    events.push(event);
    if (open.has(user)) views.push(...desk.window.predict({ user, now: desk.horizon.current }, change));
  }
  return { events, views };
};
