// Broadcasts: one row each when accepted, how far a list has been delivered, and whether it was recalled.

import type { LoggedEvent } from '../model/events.js';
import type { SqlDatabase } from '../model/projection.js';
import { type BroadcastAccepted, factOf, type Progress, subjectOf } from './facts.js';
import type { InboxFolds } from './inbox-projection.js';
import { rankOf } from './notification.js';
import { never } from './schema.js';
import { tallyFolds } from './tally-projection.js';

export interface BroadcastFolds {
  accepted(event: LoggedEvent): void;
  progressed(event: LoggedEvent): void;
  recalled(event: LoggedEvent): void;
}

export const broadcastFolds = (db: SqlDatabase, inbox: InboxFolds): BroadcastFolds => {
  const tally = tallyFolds(db);
  const add = db.prepare('INSERT INTO notify_broadcast VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, NULL, ?, ?, ?)');
  const people = db.prepare('SELECT coalesce(max(number), 0) AS known FROM notify_person');
  const progress = db.prepare(
    'UPDATE notify_broadcast SET delivered = delivered + ?, slices = slices + 1 WHERE id = ?',
  );
  const recall = db.prepare('UPDATE notify_broadcast SET recalled_at = ? WHERE id = ? AND recalled_at IS NULL');

  return {
    accepted(event) {
      const id = subjectOf(event);
      const { content, audience, recipients, live = 0, zones = {} } = factOf<BroadcastAccepted>(event);
      const { known } = people.get() as { known: number };
      const total = recipients?.length ?? known;
      const delivered = audience === 'all' ? total : 0;
      inbox.addMessage(id, event.actor, content);
      const { type, priority, expiresAt = never, collapseKey = null } = content;
      const names = recipients === undefined ? null : JSON.stringify(recipients);
      add.run(
        ...[id, event.id, event.actor, event.at, type, rankOf(priority), audience, names, total, delivered, live],
        ...[expiresAt, collapseKey, JSON.stringify(zones)],
      );
      tally.add('broadcasts', 1);
      tally.add('broadcasts:recipients', total);
      if (audience !== 'all') return;
      tally.add('broadcasts:live', live);
      tally.add('sent', 1);
      tally.add(`type:${type}`, 1);
      tally.add(`priority:${priority}`, 1);
    },
    progressed(event) {
      progress.run(factOf<Progress>(event).delivered, subjectOf(event));
    },
    recalled(event) {
      const id = subjectOf(event);
      if (recall.run(event.at, id).changes === 0) return;
      inbox.recallEntries(id, event.at);
      tally.add('broadcasts:recalled', 1);
    },
  };
};
