// Entry of the writer thread: the log's writer with this server's projections.

import { runWriter } from './log/writer-thread.js';
import { projections } from './projections.js';

runWriter(projections);
