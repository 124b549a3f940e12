// Hocuspocus as its documentation sets it up, with SQLite behind @hocuspocus/extension-database: the schema and the
// statements of @hocuspocus/extension-sqlite 3.4.4, run by better-sqlite3 (the project's own copy) instead of `sqlite3`,
// whose installation downloads a binary from outside the registry. Debounce and everything else as Hocuspocus has it.

import { join } from 'node:path';
import { Database } from '@hocuspocus/extension-database';
import { Server } from '@hocuspocus/server';
import SqliteDatabase from 'better-sqlite3';

const database = new SqliteDatabase(join(process.env.DATA_DIR, 'hocuspocus.sqlite'));
database.exec(
  'CREATE TABLE IF NOT EXISTS "documents" ("name" varchar(255) NOT NULL, "data" blob NOT NULL, UNIQUE(name))',
);
const select = database.prepare('SELECT data FROM "documents" WHERE name = $name ORDER BY rowid DESC');
const upsert = database.prepare(
  'INSERT INTO "documents" ("name", "data") VALUES ($name, $data) ON CONFLICT(name) DO UPDATE SET data = $data',
);

const server = new Server({
  quiet: true,
  port: Number(process.env.PORT),
  extensions: [
    new Database({
      fetch: async ({ documentName }) => select.get({ name: documentName })?.data ?? null,
      store: async ({ documentName, state }) => {
        upsert.run({ name: documentName, data: state });
      },
    }),
  ],
});

// Server.listen hands `address` to node, which only knows `host`: without this it would listen on every interface.
const listen = server.httpServer.listen.bind(server.httpServer);
server.httpServer.listen = (options, ready) => listen({ ...options, host: process.env.HOST }, ready);
await server.listen();
