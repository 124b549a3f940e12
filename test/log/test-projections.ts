// Projections for tests of their host.

import type { LoggedEvent } from '../../src/model/events.js';
import type { Projection, SqlDatabase } from '../../src/model/projection.js';

/** How many events of which kind each actor logged, edits left out. One with `meta.poison` breaks it. */
export const tally = (version = 1): Projection => ({
  name: 'tally',
  version,
  schema: `CREATE TABLE tally(actor TEXT, kind TEXT, count INTEGER, last INTEGER, weight INTEGER, PRIMARY KEY(actor, kind)) STRICT`,
  tables: ['tally'],
  kinds: ['created', 'renamed', 'version'],
  open(db: SqlDatabase) {
    const add = db.prepare(
      `INSERT INTO tally VALUES (?, ?, 1, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + 1, last = excluded.last, weight = weight + excluded.weight`,
    );
    return ({ actor, kind, id, payload, meta }: LoggedEvent) => {
      if (meta?.['poison'] === true) throw new Error('poison');
      add.run(actor, kind, id, (payload?.length ?? 0) * version);
    };
  },
});

export const testProjections = [tally()];
