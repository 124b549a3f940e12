// A writer thread whose lagging projection takes up the log after few events.

import { documentIndex } from '../../src/crdt/document-index.js';
import { editingProjection } from '../../src/crdt/editing-projection.js';
import { runWriter } from '../../src/log/writer-thread.js';

runWriter([documentIndex, editingProjection], { mostUnindexed: 7 });
