// A writer thread that keeps no projections and lets go of a truncated stream's events by and by; its disk fails on command (faulty-disk.ts).

import './faulty-disk.js';
import { runWriter } from '../../src/log/writer-thread.js';

runWriter([], { mostUnindexed: 7, truncatedAtOnce: 3 });
