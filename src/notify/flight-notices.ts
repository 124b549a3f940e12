// What those who watch a flight are told (docs/flights.md, "Who is told"): one notification for each change of gate, of status, or of delay
// by 15 minutes or more. It is logged in the flight's own transaction, so this only says which events and patches belong there.

import type { NewEvent } from '../model/events.js';
import type { UserId } from '../model/ids.js';
import type { ViewPatch } from '../model/views.js';
import type { BroadcastReader } from './broadcast-reader.js';
import type { Desk } from './desk.js';
import type { Content } from './notification.js';
import { post } from './sender.js';

/** What it takes of a flight's record. */
export interface WatchedFlight {
  readonly flightId: string;
  readonly flightNumber: string;
  readonly status: string;
  readonly gate?: string | null;
  readonly terminal?: string | null;
  readonly delayMinutes: number | null;
}

export interface FlightChange {
  readonly before: WatchedFlight;
  readonly after: WatchedFlight;
  readonly watchers: readonly UserId[];
  readonly actor: UserId;
  /** Unix ms. */
  readonly at: number;
}

/** To be added to the `DomainChange` of the flight's event, in the same turn. */
export interface FlightNotices {
  readonly events: readonly NewEvent[];
  readonly views: readonly ViewPatch[];
}

type NoticeKind = 'gate' | 'status' | 'delay';

const toldDelayMinutes = 15;
const keyPrefix = 'flight/';

/** Whether a collapse key is one of these notices. */
export const isFlightKey = (key: string): boolean => key.startsWith(keyPrefix);

const gateSentence = (before: WatchedFlight, after: WatchedFlight): string => {
  if (!after.gate) return `Gate ${before.gate} no longer holds.`;
  return before.gate ? `Gate changed from ${before.gate} to ${after.gate}.` : `Gate ${after.gate}.`;
};

const delaySentence = ({ delayMinutes }: WatchedFlight): string => {
  if (delayMinutes === null || delayMinutes === 0) return 'On schedule.';
  return delayMinutes > 0 ? `${delayMinutes} minutes late.` : `${-delayMinutes} minutes early.`;
};

/** What to tell about a change; `null` when it is not worth telling. `toldDelay` is the delay people were last told, if any. */
export const noticeOf = (
  { before, after }: Pick<FlightChange, 'before' | 'after'>,
  toldDelay: number | null,
): Content | null => {
  const statusChanged = before.status !== after.status;
  const gateChanged = (before.gate ?? null) !== (after.gate ?? null);
  const change = (after.delayMinutes ?? 0) - (toldDelay ?? before.delayMinutes ?? 0);
  const delayChanged = before.delayMinutes !== after.delayMinutes && Math.abs(change) >= toldDelayMinutes;
  if (!statusChanged && !gateChanged && !delayChanged) return null;

  const kind: NoticeKind = gateChanged ? 'gate' : statusChanged ? 'status' : 'delay';
  const titles: Record<NoticeKind, string> = {
    gate: after.gate ? `gate ${after.gate}` : 'gate withdrawn',
    status: after.status,
    delay: delaySentence(after).slice(0, -1),
  };
  const sentences = [
    gateChanged ? gateSentence(before, after) : '',
    statusChanged ? `Now ${after.status}, was ${before.status}.` : '',
    delayChanged || (statusChanged && after.status === 'delayed') ? delaySentence(after) : '',
  ];
  const { flightId, flightNumber, status, gate, terminal, delayMinutes } = after;
  return {
    type: 'flight',
    priority: gateChanged ? 'high' : 'normal',
    title: `Flight ${flightNumber}: ${titles[kind]}`,
    message: sentences.filter((sentence) => sentence !== '').join(' '),
    data: {
      ...{ flightId, flightNumber, status },
      ...(gate ? { gate } : {}),
      ...(terminal ? { terminal } : {}),
      ...(delayMinutes === null ? {} : { delayMinutes }),
    },
    subjectId: flightId,
    collapseKey: `${keyPrefix}${flightId}/${kind}`,
  };
};

/** The notices for one change. Synchronous, and their ids are made here: commit in the same turn. */
export const flightNotices = (desk: Desk, reader: BroadcastReader, change: FlightChange): FlightNotices => {
  const { after, actor, at, watchers } = change;
  const content = noticeOf(change, reader.lastToldDelay(after.flightId));
  if (content === null || watchers.length === 0) return { events: [], views: [] };
  const open = new Set(desk.openInboxes());
  const events: NewEvent[] = [];
  const views: ViewPatch[] = [];
  for (const user of new Set(watchers)) {
    const posted = post(desk, { user, content, live: open.has(user) }, { actor, at });
    events.push(posted.event);
    if (open.has(user)) views.push(...desk.window.predict({ user, now: desk.horizon.current }, posted.change));
  }
  return { events, views };
};
