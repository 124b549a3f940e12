// A writer thread that keeps no projections, and an index of streams that follows after few events.

import { runWriter } from '../../src/log/writer-thread.js';

runWriter([], { mostUnindexed: 7 });
