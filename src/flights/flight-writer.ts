// The only way by which a flight changes: read, decide, log. Boards and what watchers are told go with the event in one transaction.
//
// ### Order
// Changes of one flight wait for each other, so nothing comes between the reading and the commit; against other writers of the same log
// the stream's head is expected, and a conflict begins anew from what is there then.
//
// ### What is heard but changes nothing
// A provider's newer word that repeats what is known writes nothing, yet later, older data must lose against it. It is kept in memory
// (`#heard`) for as long as the flight's stream stands where it stood; a restart forgets it, and with it nothing that was ever shown.

import { ContrailError } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import type { Clock } from '../model/time.js';
import type { CommitChange } from '../model/views.js';
import { boardPatches } from './boards.js';
import type { FeedState } from './feed.js';
import { encodeFact, type FlightFact, flightStream } from './flight-events.js';
import type { FlightQueries } from './flights-projection.js';
import { type NotifyFlight, notableOf } from './notable.js';
import { SerialQueue } from './serial-queue.js';
import { type FlightState, foldEvent } from './state.js';

export interface Decision {
  /** `null` logs nothing and only remembers `feed`. */
  readonly fact: FlightFact | null;
  readonly actor: UserId;
  readonly meta?: JsonObject;
  /** What the feed has said, for memory. */
  readonly feed?: FeedState;
}

/** Decides from what is there; `null` for nothing to do. May be called again after a conflict. */
export type Decide = (state: FlightState | null, now: number) => Decision | null;

export interface FlightWriterOptions {
  readonly queries: FlightQueries;
  readonly commit: CommitChange;
  readonly clock: Clock;
  readonly notify: NotifyFlight;
  /** Called after each commit, with the flight as it is now. */
  readonly onChanged: (state: FlightState) => void;
}

const maxAttempts = 5;

/** The state after a fact, as it will be logged at `now`. */
export const foldFact = (flightId: string, state: FlightState | null, fact: FlightFact, now: number): FlightState =>
  foldEvent(flightId, state, { ...fact, seq: (state?.seq ?? 0) + 1, at: now });

export class FlightWriter {
  readonly #options: FlightWriterOptions;
  readonly #queue = new SerialQueue();
  readonly #heard = new Map<string, { readonly seq: number; readonly feed: FeedState }>();

  constructor(options: FlightWriterOptions) {
    this.#options = options;
  }

  /** Carries out one change and resolves with the flight after it, once it is durable. */
  change(flightId: string, decide: Decide): Promise<FlightState | null> {
    return this.#queue.run(flightId, () => this.#change(flightId, decide));
  }

  forget(flightId: string): void {
    this.#heard.delete(flightId);
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  #load(flightId: string): FlightState | null {
    const state = this.#options.queries.byId(flightId);
    const heard = this.#heard.get(flightId);
    return state !== null && heard?.seq === state.seq ? { ...state, feed: heard.feed } : state;
  }

  async #change(flightId: string, decide: Decide): Promise<FlightState | null> {
    for (let attempt = 1; ; attempt += 1) {
      const state = this.#load(flightId);
      // The log never lets a stream's time go back, so a clock that was set back must not either.
      const now = Math.max(this.#options.clock.now(), state?.at ?? 0);
      const decision = decide(state, now);
      if (decision === null) return state;
      const { fact, feed } = decision;
      if (fact === null) {
        if (feed !== undefined && state !== null) this.#heard.set(flightId, { seq: state.seq, feed });
        return state;
      }
      const next = foldFact(flightId, state, fact, now);
      try {
        await this.#commit(state, next, decision);
      } catch (error) {
        if (error instanceof ContrailError && error.code === 'conflict' && attempt < maxAttempts) continue;
        throw error;
      }
      this.#heard.set(flightId, { seq: next.seq, feed: feed ?? next.feed });
      this.#options.onChanged(next);
      return next;
    }
  }

  async #commit(before: FlightState | null, after: FlightState, decision: Decision): Promise<void> {
    const { commit, notify } = this.#options;
    if (decision.fact === null) return;
    const notable = notableOf(before, after);
    const told = notable === null ? null : await notify(notable);
    const event = encodeFact(after.flightId, decision.fact, {
      actor: decision.actor,
      at: after.at,
      meta: decision.meta ?? null,
    });
    await commit({
      events: [event, ...(told?.events ?? [])],
      views: [...boardPatches(before, after), ...(told?.views ?? [])],
      expect: [{ stream: flightStream(after.flightId), head: before?.seq ?? 0 }, ...(told?.expect ?? [])],
    });
  }
}
