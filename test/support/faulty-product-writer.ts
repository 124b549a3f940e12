// The server's own writer thread on a disk that fails on command (faulty-disk.ts).

import '../log/faulty-disk.js';
import { runWriter } from '../../src/log/writer-thread.js';
import { projections } from '../../src/projections.js';

runWriter(projections);
