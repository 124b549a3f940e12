// A writer thread that keeps no projections, and an index of streams that follows after few events. It truncates at once, as the log in memory does.

import { runWriter } from '../../src/log/writer-thread.js';

runWriter([], { mostUnindexed: 7, truncatedAtOnce: Number.POSITIVE_INFINITY });
