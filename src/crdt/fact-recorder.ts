// Logs events of a document that change no content, through its room: there they keep their order after the edits accepted before them.

import { ContrailError } from '../model/errors.js';
import type { EventLog } from '../model/event-log.js';
import type { EventKind } from '../model/events.js';
import { type DocumentId, documentStream, type UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import type { Clock } from '../model/time.js';
import type { Rooms } from './rooms.js';

export interface DocumentFact {
  readonly kind: EventKind;
  readonly actor: UserId;
  readonly meta: JsonObject | null;
}

/**
 * Resolves once the facts are durable. With an open room they are on their way when it returns, before anything else is accepted; otherwise
 * the room is opened first, so that nothing is logged past a room that is being loaded.
 */
export type RecordFacts = (id: DocumentId, facts: readonly DocumentFact[]) => Promise<void>;

export const factRecorder =
  ({ log, rooms, clock }: { readonly log: EventLog; readonly rooms: Rooms; readonly clock: Clock }): RecordFacts =>
  async (id, facts) => {
    const room = rooms.peek(id) ?? (await rooms.open(id).catch(() => null));
    if (room) {
      await Promise.all(facts.map((fact) => room.record(null, fact)));
      return;
    }
    // A damaged document, or one for which there is no place: it can still be deleted or un-shared.
    const stream = documentStream(id);
    const events = facts.map((fact) => ({ ...fact, stream, at: clock.now(), payload: null }));
    const [outcome] = await log.append([{ events }]);
    if (!outcome?.ok) throw new ContrailError('internal', 'The change could not be logged.');
  };
