// The entry of the worker that tries out large first syncs.

import { runTrial } from './crdt/trial.js';

runTrial();
