// A writer thread whose disk fails on command (faulty-disk.ts): tests start a log with this file as its `writerUrl`.

import './faulty-disk.js';
import { runWriter } from '../../src/log/writer-thread.js';
import { testProjections } from './test-projections.js';

// Truncates at once: tests count what is left.
runWriter(testProjections, { truncatedAtOnce: Number.POSITIVE_INFINITY });
