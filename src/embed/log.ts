// `contrail.log`: following everything that happens, from now on or from any place in the past.
//
// ### Ordering
// A follower reads the log itself, after its own place, whenever something has been committed. So it gets every event once, in the order of
// ids, none before it is durable, and however slow it is nothing is queued for it.
//
// ### Failure
// An event that is damaged on disk is left out and told to `onFault`; those behind it come all the same.

import { z } from '@hono/zod-openapi';
import { checked } from '../http/checked.js';
import { ContrailError } from '../model/errors.js';
import type { EventLog } from '../model/event-log.js';
import { type LogEvent, logEventOf } from './log-events.js';

export interface LogCalls {
  /** The id of the newest event. */
  readonly head: number;
  /**
   * Calls `listener` with every event after the id `after`, the newest one unless given; each when the promise of the one before is settled.
   * What it throws is logged, and the next event comes all the same. To go on after a restart, keep the last `id` that you have dealt with.
   * The function returned ends it, as `close` does.
   */
  tail(listener: (event: LogEvent) => void | Promise<void>, options?: { readonly after?: number }): () => void;
}

export interface LogParts {
  readonly log: Pick<EventLog, 'scan' | 'tail' | 'stats'>;
  /** Told of what listeners throw, of events that are damaged, and of reading that failed. */
  readonly onFault: (error: unknown) => void;
}

const eventsAtOnce = 200;
const tailOptions = z.strictObject({ after: z.number().int().min(0).optional() });

export const logCalls = ({ log, onFault }: LogParts): LogCalls & { close(): void } => {
  const followers = new Set<() => void>();

  const follow = (listener: (event: LogEvent) => void | Promise<void>, after: number): (() => void) => {
    let ended = false;
    let fresh = false;
    let wake = (): void => {};
    const stopTail = log.tail(() => {
      fresh = true;
      wake();
    });
    const end = (): void => {
      ended = true;
      followers.delete(end);
      stopTail();
      wake();
    };
    const news = async (): Promise<void> => {
      if (!fresh && !ended)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    };
    const run = async (): Promise<void> => {
      for (let place = after; !ended; ) {
        fresh = false;
        const { events, damaged, cursor } = await log.scan(place, eventsAtOnce);
        for (const { stream, seq } of damaged)
          onFault(
            new ContrailError('damaged-event', `Event ${seq} of ${stream} is damaged.`, { extra: { stream, seq } }),
          );
        for (const event of events) {
          const told = logEventOf(event);
          if (ended) return;
          if (told) await tell(listener, told);
        }
        const isAtHead = cursor === place;
        place = cursor;
        if (isAtHead) await news();
      }
    };
    followers.add(end);
    run().catch((error: unknown) => {
      if (!ended) onFault(error);
      end();
    });
    return end;
  };

  const tell = async (listener: (event: LogEvent) => void | Promise<void>, event: LogEvent): Promise<void> => {
    try {
      await listener(event);
    } catch (error) {
      onFault(error);
    }
  };

  return {
    get head() {
      return log.stats().lastId;
    },
    tail: (listener, options = {}) => follow(listener, checked(tailOptions, options).after ?? log.stats().lastId),
    close() {
      for (const end of [...followers]) end();
    },
  };
};
