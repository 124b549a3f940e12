// The list of projections that the log's writer keeps. Each lives beside the queries that read it.

import { clientOwnerProjection } from './crdt/client-owners.js';
import { documentIndex } from './crdt/document-index.js';
import { lockProjection } from './crdt/lock-index.js';
import { versionProjection } from './crdt/versions.js';
import { viewClientIndex } from './crdt/view-clients.js';
import { flightsProjection } from './flights/flights-projection.js';
import type { Projection } from './model/projection.js';
import { notifyProjection } from './notify/projection.js';

export const projections: readonly Projection[] = [
  documentIndex,
  versionProjection,
  lockProjection,
  clientOwnerProjection,
  viewClientIndex,
  flightsProjection,
  notifyProjection,
];
