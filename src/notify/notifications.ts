// Notifications as one object: what REST, the inbox channel, flights and embedding code call. It knows neither HTTP nor Yjs: it takes and
// returns plain data, and hands every change (events and patches of open views) to `commit`.

import type { EventLog } from '../model/event-log.js';
import { systemActor, type UserId } from '../model/ids.js';
import type { Json } from '../model/json.js';
import type { SqlDatabase } from '../model/projection.js';
import type { Clock, Random } from '../model/time.js';
import type { CommitChange, DomainChange, EntryPatch } from '../model/views.js';
import { Background } from './background.js';
import { BroadcastReader, type BroadcastStatus } from './broadcast-reader.js';
import { type Accepted, Broadcasts } from './broadcasts.js';
import { type Desk, reframeViews } from './desk.js';
import { Expiry } from './expiry.js';
import { factOf, type Notified, subjectOf } from './facts.js';
import { type FlightNotice, flightNotices, isFlightKey } from './flight-notices.js';
import { createIdSequence } from './id-sequence.js';
import { InboxQueue } from './inbox-queue.js';
import { InboxReader } from './inbox-reader.js';
import { InboxWindow } from './inbox-window.js';
import { markAllRead, markNotifications } from './marks.js';
import type { Counts, DataByType, Notification, NotificationPage, NotificationType } from './notification.js';
import { putPreferences, recordPerson } from './people.js';
import type { Preferences } from './preferences.js';
import type { SendOptions, SendRequest } from './request.js';
import { type BroadcastRequest, type ListQuery, parseBroadcast, parseListQuery, parseSend } from './request.js';
import { sendTo } from './sender.js';
import { type NotificationStatistics, statisticsReader } from './statistics.js';

export interface NotificationsParts {
  readonly log: Pick<EventLog, 'tail'>;
  /** Reads the projection `notifyProjection`. */
  readonly db: SqlDatabase;
  readonly commit: CommitChange;
  readonly clock: Clock;
  readonly random: Random;
  /** Who is connected, for the audience `online`. */
  readonly online: () => readonly UserId[];
  /** Whose inbox is open as a view on some connection. Count it as open *before* its window is read. */
  readonly openInboxes: () => readonly UserId[];
  readonly config: {
    /** How many of the newest are in the view (`INBOX_WINDOW`). */
    readonly inboxWindow: number;
  };
  /** Hears of work in the background that failed and will be tried again. */
  readonly report?: (error: unknown) => void;
}

type SendTyped<Type extends NotificationType> = (
  userId: string,
  data: DataByType[Type],
  options?: SendOptions & { readonly actor?: UserId },
) => Promise<Notification>;

export interface Notifications {
  /** Checks and sends; throws `bad-request` with every fault. Resolves once it is durable. */
  send(request: SendRequest | Json, actor?: UserId): Promise<Notification>;
  readonly sendPayment: SendTyped<'payment'>;
  readonly sendBooking: SendTyped<'booking'>;
  readonly sendFlight: SendTyped<'flight'>;
  readonly sendSettlement: SendTyped<'settlement'>;
  readonly sendAlert: SendTyped<'alert'>;
  /** Resolves once the broadcast is durable; a list is delivered afterwards (`broadcastStatus`). */
  broadcast(request: BroadcastRequest | Json, actor?: UserId): Promise<Accepted>;
  /** `null` when there is no such broadcast. */
  broadcastStatus(id: string): BroadcastStatus | null;
  /** Takes a broadcast out of all inboxes; `not-found` when there is none. */
  recall(id: string, actor?: UserId): Promise<BroadcastStatus>;

  list(user: UserId, query?: ListQuery): NotificationPage;
  unread(user: UserId, query?: Omit<ListQuery, 'state'>): NotificationPage;
  counts(user: UserId): Counts;
  /** With its standing; `null` when it is not this person's. */
  find(user: UserId, id: string): Notification | null;
  /** Whether a broadcast was sent to this person, also when it was recalled since. */
  wasSent(user: UserId, broadcastId: string): boolean;
  /** Marks one or several; `not-found` when none of them is this person's. `actor` defaults to the person. */
  markRead(user: UserId, ids: string | readonly string[], actor?: UserId): Promise<Counts>;
  markSeen(user: UserId, ids: string | readonly string[], actor?: UserId): Promise<Counts>;
  archive(user: UserId, ids: string | readonly string[], actor?: UserId): Promise<Counts>;
  /** Up to and including `upTo`, or all that is there now. */
  markAllRead(user: UserId, options?: { readonly upTo?: string; readonly actor?: UserId }): Promise<Counts>;
  stats(): NotificationStatistics;
  preferences(user: UserId): Preferences;
  setPreferences(user: UserId, body: Preferences | Json, actor?: UserId): Promise<Preferences>;

  /** Records a person's first appearance; call it whenever somebody connects, before their inbox is opened. */
  personSeen(user: UserId): Promise<void>;
  /** Resolves when no change of this inbox is under way: then its window can be read. */
  inboxSettled(user: UserId): Promise<void>;
  /** The view's entries, newest first, exact at `now`. */
  inboxWindow(user: UserId, now: number): readonly EntryPatch[];
  /** What to add to a flight's own change: flights/ calls it as its `notify`, and commits at once. */
  flightNotices(notice: FlightNotice): DomainChange;

  /** Goes on with unfinished broadcasts and starts the expiry timer. */
  start(): void;
  /** Resolves when nothing goes on in the background. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export const createNotifications = (parts: NotificationsParts): Notifications => {
  const { log, db, commit, clock, random, online, openInboxes, config, report = () => {} } = parts;
  const reader = new InboxReader(db);
  const broadcastReader = new BroadcastReader(db);
  const desk: Desk = {
    ...{ clock, commit, reader, openInboxes },
    window: new InboxWindow(reader, config.inboxWindow),
    queue: new InboxQueue(),
    nextId: createIdSequence(clock, random, broadcastReader.newestId()),
    horizon: { current: clock.now() },
    expects: (at, entries) => expiry.expects(at, entries),
  };
  const background = new Background(clock, report);
  const expiry = new Expiry(desk, background, broadcastReader);
  const broadcasts = new Broadcasts(desk, background, { reader: broadcastReader, online });
  const statistics = statisticsReader(db);

  // The notices of flights are logged by somebody else, outside the inboxes' queue: look at these views once more.
  const stopTail = log.tail((events) => {
    for (const event of events) {
      if (event.kind !== 'notified') continue;
      const { id, content } = factOf<Notified>(event);
      const user = subjectOf(event);
      const key = content?.collapseKey;
      if (key === undefined || !isFlightKey(key) || !openInboxes().includes(user)) continue;
      background.start(() => reframeViews(desk, [user], () => [id, ...reader.collapsedByKey(user, key)]));
    }
  });

  const send: Notifications['send'] = async (request, actor = systemActor) => {
    const { to, content } = parseSend(request, clock.now());
    return sendTo(desk, to, { content, actor });
  };
  const sendTyped =
    <Type extends NotificationType>(type: Type): SendTyped<Type> =>
    (userId, data, { actor, ...options } = {}) =>
      send({ ...options, userId, type, data }, actor);
  const list: Notifications['list'] = (user, query = {}) =>
    reader.page({ user, now: clock.now() }, parseListQuery(query));

  return {
    send,
    sendPayment: sendTyped('payment'),
    sendBooking: sendTyped('booking'),
    sendFlight: sendTyped('flight'),
    sendSettlement: sendTyped('settlement'),
    sendAlert: sendTyped('alert'),
    broadcast: async (request, actor = systemActor) => {
      const { to, content } = parseBroadcast(request, clock.now());
      return broadcasts.accept(to, { content, actor });
    },
    broadcastStatus: (id) => broadcastReader.status(id),
    recall: (id, actor = systemActor) => broadcasts.recall(id, actor),

    list,
    unread: (user, query = {}) => list(user, { ...query, state: 'unread' }),
    counts: (user) => reader.counts({ user, now: clock.now() }),
    find: (user, id) => reader.find({ user, now: clock.now() }, id),
    wasSent: (user, broadcastId) => reader.wasSent(user, broadcastId),
    markRead: async (user, ids, actor = user) => markNotifications(desk, 'read', { user, ids, actor }),
    markSeen: async (user, ids, actor = user) => markNotifications(desk, 'seen', { user, ids, actor }),
    archive: async (user, ids, actor = user) => markNotifications(desk, 'archived', { user, ids, actor }),
    markAllRead: async (user, { upTo, actor = user } = {}) => markAllRead(desk, { user, upTo, actor }),
    stats: () => statistics(clock.now()),
    preferences: (user) => reader.preferences(user),
    setPreferences: (user, body, actor = user) => putPreferences(desk, user, { body, actor }),

    personSeen: (user) => recordPerson(desk, user),
    inboxSettled: (user) => desk.queue.settled(user),
    inboxWindow: (user, now) => desk.window.entries({ user, now }),
    flightNotices: (notice) => flightNotices(desk, notice),

    start() {
      expiry.start();
      broadcasts.resume();
    },
    idle: () => background.settled(),
    async close() {
      stopTail();
      expiry.close();
      await background.close();
    },
  };
};
