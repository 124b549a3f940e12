// A writer thread with a newer version of the test projection.

import { runWriter } from '../../src/log/writer-thread.js';
import { tally } from './test-projections.js';

runWriter([tally(2)]);
