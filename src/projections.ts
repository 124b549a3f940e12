// The list of projections that the log's writer keeps. Each lives beside the queries that read it.

import { clientOwnerProjection } from './crdt/client-owners.js';
import { documentIndex } from './crdt/document-index.js';
import { editingProjection } from './crdt/editing-projection.js';
import { lockProjection } from './crdt/lock-index.js';
import { versionProjection } from './crdt/versions.js';
import { viewClientIndex } from './crdt/view-clients.js';
import { flightsProjection } from './flights/flights-projection.js';
import type { AnyProjection } from './model/projection.js';
import { notifyProjection } from './notify/projection.js';

export const projections: readonly AnyProjection[] = [
  documentIndex,
  versionProjection,
  lockProjection,
  clientOwnerProjection,
  viewClientIndex,
  editingProjection,
  flightsProjection,
  notifyProjection,
];
