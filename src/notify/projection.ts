// The read model of notifications: which table rows each event makes. Every change of an entry goes through `count`, so a person's
// counters change in the transaction that changes what they count.

import type { LoggedEvent } from '../model/events.js';
import type { Projection, SqlDatabase } from '../model/projection.js';
import { broadcastFolds } from './broadcast-projection.js';
import { inboxFolds } from './inbox-projection.js';
import { personFolds } from './person-projection.js';
import { schema, tables } from './schema.js';

export const notifyProjection: Projection = {
  name: 'notify',
  version: 1,
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
    return (event: LoggedEvent): void => {
      switch (event.kind) {
        case 'notified':
          return inbox.notified(event);
        case 'seen':
        case 'read':
        case 'archived':
          return inbox.marked(event.kind, event);
        case 'expired':
          return inbox.expired(event);
        case 'broadcast':
          return broadcast.accepted(event);
        case 'progress':
          return broadcast.progressed(event);
        case 'recalled':
          return broadcast.recalled(event);
        case 'appeared':
          return person.appeared(event);
        case 'preferences':
          return person.preferred(event);
        default:
          return;
      }
    };
  },
};
