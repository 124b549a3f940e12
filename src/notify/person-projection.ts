// Who is known, since when, and what each person wants to be told: the rows for `appeared` and `preferences`.

import type { LoggedEvent } from '../model/events.js';
import type { SqlDatabase } from '../model/projection.js';
import { factOf, subjectOf } from './facts.js';
import { notificationTypes } from './notification.js';
import { type Preferences, restricts, ruleFor } from './preferences.js';
import { never } from './schema.js';

export interface PersonFolds {
  appeared(event: LoggedEvent): void;
  preferred(event: LoggedEvent): void;
}

export const personFolds = (db: SqlDatabase): PersonFolds => {
  const addPerson = db.prepare('INSERT INTO notify_person (user_id, event_id, at) VALUES (?, ?, ?)');
  const putPreferences = db.prepare('INSERT OR REPLACE INTO notify_preferences VALUES (?, ?)');
  const endRules = db.prepare(`UPDATE notify_rule SET to_event = ? WHERE user_id = ? AND to_event = ${never}`);
  const addRule = db.prepare('INSERT INTO notify_rule VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');

  return {
    appeared(event) {
      addPerson.run(subjectOf(event), event.id, event.at);
    },
    preferred(event) {
      const user = subjectOf(event);
      const preferences = factOf<Preferences>(event);
      putPreferences.run(user, JSON.stringify(preferences));
      endRules.run(event.id, user);
      for (const type of notificationTypes) {
        const rule = ruleFor(preferences, type);
        if (!restricts(rule)) continue;
        const { fromMinute = null, toMinute = null, timeZone = null } = rule.quiet ?? {};
        addRule.run(user, type, event.id, never, rule.muted ? 1 : 0, rule.minimumRank, fromMinute, toMinute, timeZone);
      }
    },
  };
};
