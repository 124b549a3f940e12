// The channel `positions`: where aircraft are, as awareness states to the connections that asked for it. Never logged, never in a Y.Doc.
// Every flight has a client id of its own, the same on every node and after every restart, and beyond what a document's may be.

import { createHash } from 'node:crypto';
import type { Json } from '../model/json.js';
import type { Pack } from './outlet.js';
import { type AwarenessEntry, encodeAwareness } from './protocol.js';
import type { ViewSubscriber } from './view-document.js';

export interface FlightPosition {
  readonly flightId: string;
  readonly [field: string]: Json;
}

export interface PositionChannelOptions {
  readonly pack: Pack;
  readonly now: () => number;
  /** Told how many connections want positions, whenever that changes. */
  readonly onWanted: (connections: number) => void;
}

/** Documents' client ids end below it. */
export const firstPositionClient = 2 ** 32;
/** Stock clients forget a state that was not renewed for so long. */
const forgottenAfterMs = 30_000;
/** The stock client sends back what it gets, one frame for one frame, and a frame may hold 1,000 states. */
const maxStatesPerFrame = 500;
/** Clocks count seconds from here on, so that they also grow over a restart. */
const clockEpochMs = Date.UTC(2026, 0, 1);

interface State extends AwarenessEntry {
  readonly at: number;
}

export const positionClientOf = (flightId: string): number =>
  firstPositionClient + createHash('sha256').update(flightId).digest().readUIntBE(0, 6);

export class PositionChannel {
  readonly #options: PositionChannelOptions;
  readonly #subscribers = new Set<ViewSubscriber>();
  readonly #states = new Map<string, State>();

  constructor(options: PositionChannelOptions) {
    this.#options = options;
  }

  subscribe(subscriber: ViewSubscriber): void {
    this.#subscribers.add(subscriber);
    this.#options.onWanted(this.#subscribers.size);
  }

  unsubscribe(subscriber: ViewSubscriber): void {
    if (this.#subscribers.delete(subscriber)) this.#options.onWanted(this.#subscribers.size);
  }

  show(positions: readonly FlightPosition[]): void {
    const now = this.#options.now();
    for (const position of positions) {
      const { flightId } = position;
      const client = positionClientOf(flightId);
      const clock = Math.max(Math.floor((now - clockEpochMs) / 1000), (this.#states.get(flightId)?.clock ?? 0) + 1);
      this.#states.set(flightId, { client, clock, state: JSON.stringify({ position }), at: now });
    }
    for (const [flightId, { at }] of this.#states) if (now - at >= forgottenAfterMs) this.#states.delete(flightId);
    const shown = positions.flatMap(({ flightId }) => this.#states.get(flightId) ?? []);
    for (const frame of framesOf(shown)) {
      const packet = this.#options.pack(frame);
      for (const subscriber of this.#subscribers) subscriber.offer(packet, []);
    }
  }

  /** What is known now, for a connection that joins. */
  snapshot(): readonly Uint8Array[] {
    const fresh = this.#options.now() - forgottenAfterMs;
    return framesOf([...this.#states.values()].filter(({ at }) => at > fresh));
  }
}

const framesOf = (states: readonly State[]): readonly Uint8Array[] => {
  const frames: Uint8Array[] = [];
  for (let from = 0; from < states.length; from += maxStatesPerFrame)
    frames.push(encodeAwareness(states.slice(from, from + maxStatesPerFrame)));
  return frames;
};
