// What the command line does to a database that no server uses: rebuild the projections, and copy the database while one does use it.

import type { Projection } from '../model/projection.js';
import { type Clock, systemClock } from '../model/time.js';
import { openForReading, openForWriting, sqlDatabase } from './connection.js';
import { takeOwnerLock } from './owner-lock.js';
import { type OnDamaged, rebuildProjection } from './projection-host.js';

/** Drops the projections and fills them from the events. Refuses while a server uses the database. */
export const rebuildProjections = (
  file: string,
  projections: readonly Projection[],
  { onDamaged = () => {}, clock = systemClock }: { readonly onDamaged?: OnDamaged; readonly clock?: Clock } = {},
): void => {
  const lock = takeOwnerLock(file, clock);
  try {
    const db = openForWriting(file, 'full');
    try {
      for (const projection of projections) rebuildProjection(sqlDatabase(db), projection, onDamaged);
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
};

/** Copies the database to another file, as of one instant, while the server goes on. Resolves with the copy's size in pages. */
export const backupLog = async (file: string, to: string): Promise<number> => {
  const db = openForReading(file);
  try {
    return (await db.backup(to)).totalPages;
  } finally {
    db.close();
  }
};
