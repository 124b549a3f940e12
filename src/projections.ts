// The list of all projections, for the writer thread and for `contrail rebuild` and `verify`.

import type { Projection } from './model/projection.js';

export const projections: readonly Projection[] = [];
