// Columns that several scenarios share. A column is {key, title, digits}; figures of the runs are combined by their median unless
// `combine: 'max'` asks for the worst.

export const latency = [
  { key: 'latencyP50Ms', title: 'p50 ms', digits: 1 },
  { key: 'latencyP99Ms', title: 'p99 ms', digits: 1 },
];

export const busy = [
  { key: 'serverBusy', title: 'server CPU %', digits: 0 },
  { key: 'loadBusy', title: 'load CPU %', digits: 0 },
  { key: 'othersBusy', title: 'others CPU %', digits: 0 },
  { key: 'memoryMiB', title: 'memory MiB', digits: 0 },
];

/** Gaps and edits that never came: anything but 0 makes the rest of the row doubtful. */
export const faults = [{ key: 'faults', title: 'faults', digits: 0, combine: 'max' }];
