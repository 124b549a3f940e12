// What Contrail is held to. `peer` compares with another target of the same run, else `limit` is absolute.

export const goals = [
  { scenario: 'pairs', key: 'cpuMicros', what: 'CPU per edit', peer: 'yws', limit: 1 },
  { scenario: 'fan-out', key: 'cpuMicros', what: 'CPU per delivered edit', peer: 'hocuspocus', limit: 1 },
  { scenario: 'cursors', key: 'cpuMicros', what: 'CPU per awareness update', peer: 'hocuspocus', limit: 0.3 },
  { scenario: 'dashboards', key: 'latencyP99Ms', what: 'a change of a flight on 1,000 dashboards, p99 ms', limit: 100 },
  { scenario: 'dashboards', key: 'keystrokeRatio', what: 'a keystroke beside the board : without', limit: 1.1 },
  { scenario: 'idle', key: 'kibPerConnection', what: 'memory per idle connection, KiB', limit: 20 },
  { scenario: 'open', key: 'openMs', what: 'first open after a restart, ms', limit: 400 },
  { scenario: 'open', key: 'pastMaxMs', what: 'any past state, worst, ms', limit: 150 },
  { scenario: 'history', key: 'pastMaxMs', what: 'any past state, worst, ms', limit: 150 },
  { scenario: 'history', key: 'diffMaxMs', what: 'diff of the last 1,000 events, worst, ms', limit: 150 },
  { scenario: 'history', key: 'undoMaxMs', what: 'undo, worst, ms', limit: 200 },
  {
    scenario: 'history',
    key: 'p99Ratio',
    what: 'keystroke p99 elsewhere while such questions run : without',
    limit: 1.2,
  },
  { scenario: 'history', key: 'oneCoreP99Ratio', what: 'the same with all of the server on one core', limit: 1.2 },
  { scenario: 'history', key: 'contentRatio', what: 'log and checkpoints : updates', limit: 4 },
  { scenario: 'kill', key: 'lost', what: 'edits lost that another client had received', limit: 0 },
  { scenario: 'kill-busy', key: 'lost', what: 'edits lost that another client had received', limit: 0 },
  { scenario: 'broadcast', key: 'returnMaxMs', what: 'a broadcast to 1,000,000 returns, worst, ms', limit: 50 },
  {
    scenario: 'broadcast',
    key: 'p99Ratio',
    what: 'p99 of keystrokes with a broadcast every second : without',
    limit: 1.1,
  },
  { scenario: 'broadcast', key: 'pageDatabaseMs', what: 'a page of a busy inbox in the database, ms', limit: 1 },
];
