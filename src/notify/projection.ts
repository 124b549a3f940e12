// The read model of notifications: which table rows each event makes. Every change of an entry goes through `count`, so a person's
// counters change in the transaction that changes what they count.

import type { EventKind, LoggedEvent } from '../model/events.js';
import type { Projection, SqlDatabase } from '../model/projection.js';
import { broadcastFolds } from './broadcast-projection.js';
import { inboxFolds } from './inbox-projection.js';
import { personFolds } from './person-projection.js';
import { schema, tables } from './schema.js';

export const notifyProjection: Projection = {
  name: 'notify',
  version: 2,
  schema,
  tables,
  kinds: [
    'notified',
    'seen',
    'read',
    'archived',
    'expired',
    'broadcast',
    'progress',
    'recalled',
    'appeared',
    'preferences',
  ],
  open(db: SqlDatabase) {
    const inbox = inboxFolds(db);
    const broadcast = broadcastFolds(db, inbox);
    const person = personFolds(db);
    const folds: Partial<Record<EventKind, (event: LoggedEvent) => void>> = {
      notified: inbox.notified,
      seen: (event) => inbox.marked('seen', event),
      read: (event) => inbox.marked('read', event),
      archived: (event) => inbox.marked('archived', event),
      expired: inbox.expired,
      broadcast: broadcast.accepted,
      progress: broadcast.progressed,
      recalled: broadcast.recalled,
      appeared: person.appeared,
      preferences: person.preferred,
    };
    return (event) => folds[event.kind]?.(event);
  },
};
