// Entry of the writer thread: the log's writer with the projections it keeps.

import { runWriter } from './log/writer-thread.js';
import { projections } from './projections.js';

runWriter(projections);
