// The source of flights whose data is pushed to the server (REST `updates`): nothing to ask, nothing to search.

import type { Clock } from '../../model/time.js';
import type { Source } from './source.js';

export const createPushSource = (clock: Clock): Source => ({
  name: 'push',
  capabilities: { polled: false, positions: false, speed: 1 },
  budget: { perDay: null },
  now: () => clock.now(),
  fetch: async () => ({ kind: 'unchanged' }),
  search: async () => [],
  positions: async () => [],
});
