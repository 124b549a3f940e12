// Updates of one connection whose dependencies are missing, and the step1s that ask for them. They wait here, never in the document, and not
// for long: the client's next step2 must bring what they need.
//
// A client that types on while it reconnects sends many of them before it answers the server's first step1. What finds no room is dropped then,
// because that answer brings it again; a client that does not answer in time, or sends such later on, has no honest reason.

import { ContrailError } from '../model/errors.js';
import type { ParsedUpdate } from './update-parser.js';

export interface WaitingLimits {
  readonly maxWaitingUpdates: number;
  readonly maxWaitingBytes: number;
}

const maxSkipped = 10_000;
/** How long a client may take to answer a step1 once its updates find no room. */
const answerMs = 5_000;

export class WaitingUpdates {
  readonly #limits: WaitingLimits;
  #updates: ParsedUpdate[] = [];
  #bytes = 0;
  #skipped = 0;
  #skippingSince: number | null = null;
  /** Step1s that the client has not answered yet. */
  #unanswered = 0;
  /** The client has sent a step2. */
  #synced = false;

  constructor(limits: WaitingLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#updates.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether what waits has not been asked for yet. */
  get mustAsk(): boolean {
    return this.#unanswered === 0 || this.#updates.length === 0;
  }

  asked(): void {
    this.#unanswered += 1;
  }

  /** A step2 has come. */
  answered(): void {
    this.#synced = true;
    this.#skippingSince = null;
    this.#unanswered = Math.max(0, this.#unanswered - 1);
  }

  /** Throws `malformed` when there are too many. The bytes must stay as they are: socket memory has to be copied before. */
  add(parsed: ParsedUpdate, now: number): void {
    const { maxWaitingUpdates, maxWaitingBytes } = this.#limits;
    if (this.#updates.length < maxWaitingUpdates && this.#bytes + parsed.bytes.length <= maxWaitingBytes) {
      this.#updates.push(parsed);
      this.#bytes += parsed.bytes.length;
      return;
    }
    this.#skipped += 1;
    this.#skippingSince ??= now;
    if (this.#synced || this.#skipped > maxSkipped) throw tooMany();
  }

  /** Throws `malformed` when the client has been asked in vain. */
  assertAnswered(now: number): void {
    if (this.#skippingSince !== null && now - this.#skippingSince >= answerMs) throw tooMany();
  }

  /** Offers each to `accept` until none is taken any more. */
  retry(accept: (parsed: ParsedUpdate) => boolean): void {
    for (let before = -1; before !== this.#updates.length && this.#updates.length > 0; ) {
      before = this.#updates.length;
      this.#updates = this.#updates.filter((parsed) => !accept(parsed));
    }
    this.#bytes = this.#updates.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  clear(): void {
    this.#updates = [];
    this.#bytes = 0;
  }
}

const tooMany = (): ContrailError => new ContrailError('malformed', 'too many updates whose dependencies are missing');
