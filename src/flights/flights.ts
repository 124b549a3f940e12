// The flights domain as the rest of the server sees it: track, stop, watch, update by hand or by push, read. Who may do what is decided
// by the caller; how boards and notifications reach people, too.

import { ContrailError } from '../model/errors.js';
import type { EventLog } from '../model/event-log.js';
import { systemActor, type UserId } from '../model/ids.js';
import type { SqlDatabase } from '../model/projection.js';
import type { Clock, Random } from '../model/time.js';
import type { CommitChange } from '../model/views.js';
import { Alarms } from './alarms.js';
import { decideClock, decideFeed, decidePatch, decideStale, decideWatch } from './decisions.js';
import type { Flight, Tracking } from './flight.js';
import { type Decision, FlightWriter } from './flight-writer.js';
import { FlightQueries, type Page } from './flights-projection.js';
import { type FlightHistory, type HistoryPage, readHistory } from './history.js';
import { pollIntervalMs, trackingEndsAt } from './intervals.js';
import { designator } from './legs.js';
import type { NotifyFlight } from './notable.js';
import { Poller } from './poller.js';
import { parsePatch, parsePush, parseTrackRequest, type TrackRequest, type WatchRequest } from './requests.js';
import { SerialQueue } from './serial-queue.js';
import type { Source } from './sources/source.js';
import { type FlightState, nextClockChange, recordOf } from './state.js';
import { findTrackTarget } from './tracking.js';

export interface FlightsConfig {
  /** The source of flights for which none is named. */
  readonly defaultSource: string;
  /** The base polling interval. */
  readonly pollSeconds: number;
  /** From how many minutes on a flight counts as delayed; kept with each flight from its tracking on. */
  readonly delayThresholdMinutes: number;
  /** How long a flight stays on its boards after it ended. */
  readonly lingerMinutes: number;
}

export interface FlightsOptions {
  readonly log: EventLog;
  readonly db: SqlDatabase;
  readonly commit: CommitChange;
  readonly clock: Clock;
  readonly random: Random;
  readonly sources: readonly Source[];
  readonly config: FlightsConfig;
  /** Adds notifications to the transaction of the change they tell of; nothing by default. */
  readonly notify?: NotifyFlight;
  /** What went wrong in the background, by source (`clock` for the server's own timers). */
  readonly onFault: (source: string, error: unknown) => void;
}

export interface TrackAnswer {
  readonly flight: Flight;
  /** Whether it is a new flight. */
  readonly created: boolean;
}

export interface Flights {
  /** Resumes polling and timers after a start. */
  start(): void;
  /** Stops polling; resolves once changes under way have ended. */
  close(): Promise<void>;
  track(body: unknown, actor: UserId): Promise<TrackAnswer>;
  stop(flightId: string, actor: UserId): Promise<Flight>;
  /** A manual patch; rejects with `illegal-move` (extra: from, to, allowed). */
  update(flightId: string, body: unknown, actor: UserId): Promise<Flight>;
  /** Data from a feed that pushes. */
  push(flightId: string, body: unknown, actor: UserId): Promise<Flight>;
  watch(flightId: string, change: WatchRequest, actor: UserId): Promise<Flight>;
  get(flightId: string): Flight;
  watchers(flightId: string): readonly string[];
  active(page?: Page): readonly Flight[];
  /** What a board shows now; `board` may be a flight's id. */
  board(name: string): readonly Flight[];
  history(flightId: string, page?: HistoryPage): Promise<FlightHistory>;
  /** The time in which flights of the default source live, Unix ms: ahead of the clock when they are simulated faster than it. */
  sourceTime(): number;
  count(): Readonly<Record<Tracking, number>>;
  /** Ids of the flights that are polled, and requests by source. */
  polling(): { readonly flightIds: readonly string[]; readonly requests: Readonly<Record<string, number>> };
}

const minuteMs = 60_000;
/** After a change that time called for could not be logged. */
const alarmRetryMs = 30_000;
const noNotify: NotifyFlight = () => ({ events: [], views: [] });

const notFound = (flightId: string): ContrailError => new ContrailError('not-found', `There is no flight ${flightId}.`);

export const createFlights = (options: FlightsOptions): Flights => {
  const { log, db, commit, clock, random, config, notify = noNotify, onFault } = options;
  const queries = new FlightQueries(db);
  const sources = new Map(options.sources.map((source) => [source.name, source]));
  const tracking = new SerialQueue();
  let closed = false;

  const load = (flightId: string): FlightState => {
    const state = queries.byId(flightId);
    if (state === null) throw notFound(flightId);
    return state;
  };

  const writer = new FlightWriter({ queries, commit, clock, notify, onChanged: (state) => follow(state, false) });

  /** A change of a flight that must exist. */
  const change = async (
    flightId: string,
    decide: (state: FlightState, now: number) => Decision | null,
  ): Promise<FlightState> => {
    const after = await writer.change(flightId, (state, now) => {
      if (state === null) throw notFound(flightId);
      return decide(state, now);
    });
    return after ?? load(flightId);
  };

  const poller = new Poller({
    clock,
    random,
    onFault,
    pace(flightId) {
      const state = queries.byId(flightId);
      const source = state === null ? undefined : sources.get(state.polled);
      if (state === null || source === undefined || state.tracking !== 'active') return null;
      const paceMs = pollIntervalMs(recordOf(state), source.now(), config.pollSeconds * 1000);
      return { intervalMs: paceMs / source.capabilities.speed, stale: state.stale };
    },
    async deliver(flightId, snapshot) {
      await change(flightId, (state) =>
        state.tracking === 'active' ? decideFeed(state, snapshot, { source: state.polled, actor: systemActor }) : null,
      );
    },
    async wentStale(flightId) {
      await change(flightId, decideStale);
    },
  });

  const timeOf = (state: FlightState): { readonly now: number; readonly speed: number } => {
    const source = sources.get(state.polled);
    return { now: source?.now() ?? clock.now(), speed: source?.capabilities.speed ?? 1 };
  };

  const lingersUntil = (state: FlightState): number => (state.endedAt ?? 0) + config.lingerMinutes * minuteMs;

  /** How long until time alone changes something; `null` for never. */
  const nextAlarm = (state: FlightState): number | null => {
    if (!state.listed) return null;
    const now = clock.now();
    const clockChange = nextClockChange(state, now);
    const waits = clockChange === null ? [] : [clockChange - now];
    if (state.tracking === 'active') {
      const time = timeOf(state);
      waits.push((trackingEndsAt(recordOf(state)) - time.now) / time.speed);
    } else waits.push(lingersUntil(state) - now);
    return Math.min(...waits);
  };

  const decideAlarm = (state: FlightState, now: number): Decision | null => {
    if (state.tracking === 'active' && timeOf(state).now >= trackingEndsAt(recordOf(state)))
      return { fact: { kind: 'completed', payload: {} }, actor: systemActor };
    if (state.tracking !== 'active' && state.listed && now >= lingersUntil(state))
      return { fact: { kind: 'unlisted', payload: {} }, actor: systemActor };
    return decideClock(state, now);
  };

  const alarms = new Alarms(clock, (flightId) => {
    const before = queries.byId(flightId)?.seq;
    change(flightId, decideAlarm)
      // After a change the alarm has been set again already.
      .then((state) => (state.seq === before && !closed ? alarms.set(flightId, nextAlarm(state)) : undefined))
      .catch((error) => {
        onFault('clock', error);
        if (!closed) alarms.set(flightId, alarmRetryMs);
      });
  });

  /** Lets polling and alarms follow a flight's state. */
  const follow = (state: FlightState, spread: boolean): void => {
    if (closed) return;
    const source = sources.get(state.polled);
    alarms.set(state.flightId, nextAlarm(state));
    if (state.tracking === 'active' && source !== undefined) {
      poller.start({ flightId: state.flightId, leg: state.leg, source }, spread);
      poller.refresh(state.flightId);
    } else {
      poller.stop(state.flightId);
      if (!state.listed) writer.forget(state.flightId);
    }
  };

  const sourceFor = (request: TrackRequest): Source => {
    const source = sources.get(request.source ?? config.defaultSource);
    if (source !== undefined) return source;
    const detail = `must be one of ${[...sources.keys()].join(', ')}`;
    throw new ContrailError('bad-request', 'The request has faults.', { faults: [{ at: '/source', detail }] });
  };

  const trackKnown = (state: FlightState, request: TrackRequest, actor: UserId): Decision | null => {
    const boards = request.boards.filter((board) => !state.boards.includes(board));
    const watchers = request.watchers.filter((user) => !state.watchers.includes(user));
    if (boards.length === 0 && watchers.length === 0 && state.tracking !== 'stopped') return null;
    const payload = { ...(boards.length > 0 ? { boards } : {}), ...(watchers.length > 0 ? { watchers } : {}) };
    return { fact: { kind: 'tracked', payload }, actor };
  };

  const trackNew = (leg: FlightState['leg'], request: TrackRequest, actor: UserId): Decision => {
    const { values, boards, watchers } = request;
    const payload = {
      leg,
      source: sourceFor(request).name,
      ...(Object.keys(values).length > 0 ? { values } : {}),
      ...(boards.length > 0 ? { boards } : {}),
      ...(watchers.length > 0 ? { watchers } : {}),
      ...(config.delayThresholdMinutes === 15 ? {} : { delayThresholdMinutes: config.delayThresholdMinutes }),
    };
    return { fact: { kind: 'tracked', payload }, actor };
  };

  const track = async (request: TrackRequest, actor: UserId): Promise<TrackAnswer> => {
    const target = await findTrackTarget(request, sourceFor(request), queries);
    let created = false;
    const state = await writer.change(target.flightId, (known) => {
      created = known === null && target.kind === 'new';
      if (known === null && target.kind === 'new') return trackNew(target.leg, request, actor);
      if (known === null || target.kind === 'new')
        throw new ContrailError('conflict', 'Somebody else tracked a flight by that id at the same moment.');
      return trackKnown(known, request, actor);
    });
    return { flight: recordOf(state ?? load(target.flightId)), created };
  };

  return {
    start() {
      for (const state of queries.listed()) {
        follow(state, true);
        if (state.tracking === 'active' && !sources.has(state.polled))
          onFault(state.polled, new Error(`no such source for the flight ${state.flightId}`));
      }
    },
    async close() {
      closed = true;
      poller.close();
      alarms.close();
      await tracking.idle();
      await writer.idle();
    },
    async track(body, actor) {
      const request = parseTrackRequest(body);
      // Two requests for one number wait for each other, so that both find the same flight.
      return tracking.run(designator(request.query), () => track(request, actor));
    },
    async stop(flightId, actor) {
      const state = await change(flightId, ({ tracking }) =>
        tracking === 'active' ? { fact: { kind: 'stopped', payload: {} }, actor } : null,
      );
      return recordOf(state);
    },
    async update(flightId, body, actor) {
      const request = parsePatch(body, clock.now());
      return recordOf(await change(flightId, (state, now) => decidePatch(state, request, { actor, now })));
    },
    async push(flightId, body, actor) {
      const snapshot = parsePush(body, clock.now());
      return recordOf(await change(flightId, (state) => decideFeed(state, snapshot, { source: 'push', actor })));
    },
    async watch(flightId, request, actor) {
      return recordOf(await change(flightId, (state) => decideWatch(state, request, actor)));
    },
    get: (flightId) => recordOf(load(flightId)),
    watchers: (flightId) => load(flightId).watchers,
    active: (page) => queries.active(page).map(recordOf),
    board: (name) => queries.onBoard(name).map(recordOf),
    async history(flightId, page) {
      load(flightId);
      return readHistory(log, flightId, page);
    },
    sourceTime: () => sources.get(config.defaultSource)?.now() ?? clock.now(),
    count: () => ({
      active: queries.count('active'),
      stopped: queries.count('stopped'),
      completed: queries.count('completed'),
    }),
    polling: () => ({ flightIds: poller.flightIds(), requests: poller.requests() }),
  };
};
