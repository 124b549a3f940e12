// A change of a document in the words of its schema (change-schema.ts). Apart from that, because history workers need no schemas.

import type { Change } from '../crdt/change-list.js';
import { formatTime } from '../model/time.js';
import type { PresentedChange } from './change-schema.js';

export const presentChange = (change: Change): PresentedChange =>
  ({ ...change, at: formatTime(change.at) }) as unknown as PresentedChange;
