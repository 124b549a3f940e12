// Puts together who may come in and what they may do: tokens, membership, locks, presence. A part of the composition root.

import type { Config } from './config.js';
import { clientOwners } from './crdt/client-owners.js';
import type { DecidedRoles } from './crdt/decided-roles.js';
import { DocumentQueries } from './crdt/document-index.js';
import { Documents } from './crdt/documents.js';
import { factRecorder } from './crdt/fact-recorder.js';
import { LockQueries } from './crdt/lock-index.js';
import { Locks } from './crdt/locks.js';
import { Membership } from './crdt/membership.js';
import { PendingMembership } from './crdt/pending-membership.js';
import { Presence } from './crdt/presence.js';
import type { RoomObserver } from './crdt/room-observer.js';
import type { Rooms } from './crdt/rooms.js';
import { Admission } from './http/admission.js';
import { identifyByToken, tokenVerifier } from './http/authentication.js';
import type { Identify } from './http/host-rules.js';
import type { SqliteLog } from './log/sqlite-log.js';
import type { EventLog } from './model/event-log.js';
import type { Clock, Random } from './model/time.js';

export interface AccessOptions {
  readonly config: Config;
  readonly log: SqliteLog;
  /** What documents are created through: the log, and whatever must be logged with them. */
  readonly creations: EventLog;
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly random: Random;
  readonly decided: DecidedRoles;
}

export interface Access {
  readonly admission: Admission;
  readonly documents: Documents;
  readonly membership: Membership;
  readonly locks: Locks;
  readonly presence: Presence;
  /** To be told of rooms. */
  readonly observer: RoomObserver;
  close(): void;
}

/** How tokens say who somebody is, or `null` in open mode. Throws when the configuration contradicts itself. */
export const tokenIdentity = (config: Config, clock: Clock): Identify | null => {
  const verify = tokenVerifier({
    secret: config.jwtSecret,
    jwksUrl: config.jwksUrl,
    issuer: config.jwtIssuer,
    audience: config.jwtAudience,
    now: () => clock.now(),
  });
  return verify && identifyByToken(verify);
};

export const createAccess = (
  { config, log, creations, rooms, clock, random, decided }: AccessOptions,
  identify: Identify | null,
): Access => {
  const pending = new PendingMembership();
  const presence = new Presence(clock);
  const record = factRecorder({ log, rooms, clock });
  const locks = new Locks({ index: new LockQueries(log.db), rooms, record, clock });
  const documents = new Documents({
    log: creations,
    index: new DocumentQueries(log.db),
    rooms,
    clock,
    random,
    open: identify === null,
    pending,
    decided,
    lockOf: (id) => locks.find(id),
  });
  const ownersOf = identify && clientOwners(log.db);
  return {
    admission: new Admission({
      identify,
      limits: {
        connectsPerAddress: config.maxConnectsPerAddress,
        connectsPerUser: config.maxConnectsPerUser,
        failuresPerAddress: config.maxFailuresPerAddress,
      },
      now: () => clock.now(),
    }),
    documents,
    membership: new Membership({ documents, pending, decided, rooms, locks, record }),
    locks,
    presence,
    observer: {
      opened(room) {
        documents.assertPresent(room.id);
        locks.opened(room);
        if (ownersOf) room.guard.owners = ownersOf(room.id);
      },
      entered(room, session) {
        presence.entered(session);
        locks.entered(room, session.actor.userId);
      },
      left(room, session) {
        presence.left(session);
        locks.left(room, session.actor.userId);
      },
    },
    close() {
      locks.close();
      presence.close();
    },
  };
};
