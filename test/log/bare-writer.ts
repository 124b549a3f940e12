// A writer thread that keeps no projections.

import { runWriter } from '../../src/log/writer-thread.js';

runWriter([]);
