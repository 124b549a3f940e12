// The log as it lies on disk, read past the server: what a test may believe when it doubts everything else.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import * as Y from 'yjs';

export interface LogRow {
  readonly seq: number;
  readonly actor: string;
  readonly kind: string;
  readonly at: number;
  readonly payload: Uint8Array | null;
  /** JSON. */
  readonly meta: string | null;
}

/** All events of a document, oldest first. */
export const documentRows = (dataDir: string, documentId: string): readonly LogRow[] => {
  const db = new Database(join(dataDir, 'contrail.db'), { readonly: true });
  try {
    return db
      .prepare('SELECT seq, actor, kind, at, payload, meta FROM event WHERE stream = ? ORDER BY seq')
      .all(`doc/${documentId}`) as LogRow[];
  } finally {
    db.close();
  }
};

/** Ids of all events of documents, in order. */
export const documentEventIds = (dataDir: string): readonly number[] => {
  const db = new Database(join(dataDir, 'contrail.db'), { readonly: true });
  try {
    return db.prepare(`SELECT id FROM event WHERE stream GLOB 'doc/*' ORDER BY id`).pluck().all() as number[];
  } finally {
    db.close();
  }
};

/** The document that the events make. Fails when any of them leaves something pending. */
export const replayRows = (rows: readonly LogRow[]): Y.Doc => {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const { payload } of rows) if (payload !== null) Y.applyUpdate(doc, payload);
  });
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null)
    throw new Error('the log leaves pending structs');
  return doc;
};
