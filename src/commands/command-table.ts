// The one table of commands. Each command's code is loaded when it runs, so that `contrail token` need not load a server.

import type { Command, Option } from './command.js';

const data: Option = {
  flags: '--data <folder>',
  description: 'folder of the database, instead of DATA_DIR (default ./data)',
};
const json: Option = { flags: '--json', description: 'write one JSON object a line, for programs' };

export const commands: readonly Command[] = [
  {
    name: 'serve',
    summary: 'run the server',
    description: `Settings come from the environment; all that are wrong are listed at once. SIGTERM and SIGINT stop it: what is in flight is
committed, connections are closed with 1012. One database has one server: a second one does not start, and says who has it.`,
    options: [
      { flags: '--demo', description: 'bring sample documents and simulated flights' },
      { flags: '--host <address>', description: 'address to listen on, instead of HOST' },
      { flags: '--port <port>', description: 'port to listen on, instead of PORT; 0 takes a free one' },
      data,
    ],
    examples: [
      ['serve', 'serves ws://127.0.0.1:1234 and keeps its data in ./data'],
      ['serve --demo --port 0', 'something to look at, on a free port'],
    ],
    run: async (invocation) => (await import('./serve-command.js')).serve(invocation),
  },
  {
    name: 'verify',
    summary: 'check the database from end to end',
    description: `Checks SQLite's structure, the crc of every event, gaps in seqs, replays every document and holds its checkpoints against that, and
compares the tables for queries with a fresh build from the events. Each fault is named by stream and seq. It only reads, also beside
a running server. A single file (a backup) may be given instead of the data folder.`,
    arguments: [{ name: '[file]', description: 'a database file, instead of the one in the data folder' }],
    options: [data, json],
    examples: [
      ['verify', 'checks ./data/contrail.db; exit code 1 when something is wrong'],
      ['verify /backups/monday.db', 'checks a backup'],
      ['verify --json | jq -r \'select(.type == "finding") | .stream\'', 'the streams that are hurt'],
    ],
    run: async (invocation) => (await import('./verify-command.js')).verify(invocation),
  },
  {
    name: 'backup',
    summary: 'copy the database, also while a server uses it',
    description: `The copy is the database as of one moment, one file that needs no others, and appears under its name when it is complete. Nothing that
exists is overwritten.`,
    options: [
      {
        flags: '--to <path>',
        description: 'the new file, or a folder, in which it is named by the time',
        required: true,
      },
      { flags: '--verify', description: 'check the copy as "contrail verify" does' },
      data,
      json,
    ],
    examples: [
      ['backup --to /backups/', 'writes /backups/contrail-20261125T201500Z.db'],
      ['backup --to monday.db --verify', 'and makes sure that it is sound'],
    ],
    run: async (invocation) => (await import('./backup-command.js')).backup(invocation),
  },
  {
    name: 'restore',
    summary: 'bring a backup back into the data folder',
    description: `The backup is copied beside the database, checked from end to end, and then takes its place in one step: interrupted at any
moment, the folder holds the old state or the new one. Refuses beside a running server.`,
    arguments: [{ name: '<backup>', description: 'a file that "contrail backup" wrote' }],
    options: [
      { flags: '--force', description: 'replace the database that is there; it is kept beside, under another name' },
      data,
      json,
    ],
    examples: [
      ['restore monday.db', 'into an empty ./data'],
      ['restore monday.db --force', 'replaces ./data/contrail.db and keeps it as contrail.db.before-restore-…'],
    ],
    run: async (invocation) => (await import('./backup-command.js')).restore(invocation),
  },
  {
    name: 'export',
    summary: 'write documents as JSON, text, a Yjs update, or with their whole history',
    description: `Only reads, also beside a running server. "ndjson" has every event of a document, with who and when, and "contrail import" takes
it back exactly; it alone may hold several documents.`,
    arguments: [{ name: '[documents...]', description: 'ids of documents' }],
    options: [
      {
        flags: '--format <format>',
        description: 'how',
        choices: ['json', 'text', 'update', 'ndjson'],
        fallback: 'json',
      },
      { flags: '--seq <seq>', description: 'the state at that seq instead of the newest' },
      { flags: '--time <time>', description: 'the state at that time' },
      { flags: '--name <root>', description: 'the shared type that "text" writes', fallback: 'content' },
      { flags: '--all', description: 'all documents (with ndjson)' },
      { flags: '--out <file>', description: 'write a new file instead of stdout' },
      data,
    ],
    examples: [
      ['export my-document --format text', 'its text, on stdout'],
      ['export my-document --seq 17', 'how it was at seq 17, as JSON'],
      ['export --all --format ndjson --out all.ndjson', 'everything that ever happened to all documents'],
    ],
    writesData: true,
    run: async (invocation) => (await import('./export-command.js')).exportDocuments(invocation),
  },
  {
    name: 'import',
    summary: 'bring in documents from elsewhere',
    description: `Reads an NDJSON file of "contrail export", a Yjs update (V1), the LevelDB folder of y-websocket's server (YPERSISTENCE), or the SQLite
file of Hocuspocus. Each update is checked as strictly as one from the network. Everything is imported in one transaction, or
nothing. Sources are only read; stop the server that writes them first. Refuses beside a running Contrail server.`,
    arguments: [{ name: '<source>', description: 'a file or a folder' }],
    options: [
      {
        flags: '--as <user>',
        description: 'who the import is attributed to, and who owns the documents (NDJSON brings its own people)',
      },
      {
        flags: '--format <format>',
        description: 'what the source is; found out by itself when absent',
        choices: ['ndjson', 'update', 'y-leveldb', 'hocuspocus'],
      },
      { flags: '--id <document>', description: 'the id of the document that an update becomes' },
      { flags: '--title <title>', description: 'and its title' },
      { flags: '--prefix <text>', description: 'put before the id of each document' },
      {
        flags: '--existing <rule>',
        description: 'what to do about documents that are there already: refuse, skip them, or merge (not for ndjson)',
        choices: ['refuse', 'skip', 'merge'],
        fallback: 'refuse',
      },
      {
        flags: '--skip-faulty',
        description: 'leave out documents that cannot be imported, instead of importing nothing',
      },
      { flags: '--dry-run', description: 'check everything and change nothing' },
      data,
      json,
    ],
    examples: [
      ['import ./y-leveldb --as migration', "all documents of a y-websocket server's folder"],
      ['import hocuspocus.sqlite --as migration --existing skip', 'those that are not there yet'],
      ['import state.bin --format update --id my-document --as alice', 'one document from Y.encodeStateAsUpdate(doc)'],
      ['import all.ndjson', 'what "contrail export --all --format ndjson" wrote, with authors and times'],
    ],
    run: async (invocation) => (await import('./import-command.js')).importDocuments(invocation),
  },
  {
    name: 'rebuild',
    summary: 'fill the tables for queries again from the events',
    description: `Tables for queries are caches: this drops and fills them in one transaction. Refuses beside a running server, which does the same by
itself when a table is of another version.`,
    options: [data, json],
    examples: [['rebuild', 'when "contrail verify" names a projection']],
    run: async (invocation) => (await import('./rebuild-command.js')).rebuild(invocation),
  },
  {
    name: 'history',
    summary: 'list the events of a document',
    description: 'Only reads, also beside a running server. Times are UTC.',
    arguments: [{ name: '<document>', description: 'its id' }],
    options: [
      { flags: '--actor <user>', description: 'only what that person did' },
      { flags: '--kind <kinds>', description: 'only those kinds, comma-separated: edit, undo, restored, shared …' },
      { flags: '--after <seq>', description: 'only later events' },
      { flags: '--before <seq>', description: 'only earlier events' },
      { flags: '--since <time>', description: 'from that time on' },
      { flags: '--until <time>', description: 'before that time' },
      { flags: '--order <order>', description: 'newest first is desc', choices: ['asc', 'desc'], fallback: 'desc' },
      { flags: '--limit <number>', description: 'how many at most', fallback: '50' },
      data,
      json,
    ],
    examples: [
      ['history my-document', 'the last 50 events'],
      ['history my-document --actor alice --since 2026-11-25', "alice's events of that day and later"],
    ],
    writesData: true,
    run: async (invocation) => (await import('./history-command.js')).history(invocation),
  },
  {
    name: 'token',
    summary: 'make a token for development',
    description: `A JSON Web Token signed with JWT_SECRET (HS256), with JWT_ISSUER and JWT_AUDIENCE when they are set. In production your own
identity provider makes them.`,
    options: [
      { flags: '--user <id>', description: 'whose token it is (claim sub)', required: true },
      { flags: '--name <name>', description: 'display name' },
      { flags: '--admin', description: 'may do everything' },
      {
        flags: '--document <id=role>',
        description: 'a role in a document: owner, editor or viewer; may be given several times',
        many: true,
      },
      { flags: '--ttl <time>', description: 'how long it is valid: 30s, 15m, 8h, 7d', fallback: '8h' },
    ],
    examples: [
      ['token --user alice --name Alice', 'for eight hours'],
      ['token --user bob --document plan=viewer --ttl 7d', 'bob may read the document "plan" for a week'],
    ],
    writesData: true,
    run: async (invocation) => (await import('./token-command.js')).token(invocation),
  },
];
