// Control requests about locks and presence: `lock`, `unlock`, `status` (docs/wire.md, "Control messages").

import type { ControlHandler } from '../crdt/control-request.js';
import { defaultLockSeconds, type Locks, maxLockSeconds, presentLock } from '../crdt/locks.js';
import { ContrailError } from '../model/errors.js';
import { allows } from '../model/roles.js';

export const accessRequests =
  ({ locks }: { readonly locks: Locks }): ControlHandler =>
  async (session, request) => {
    const { room, actor } = session;
    switch (request['do']) {
      case 'lock': {
        if (!allows(session.role, 'lock')) throw new ContrailError('forbidden', 'Your role does not allow to lock.');
        return { lock: presentLock(await locks.lock(room.id, actor, secondsOf(request['ttlSeconds']))) };
      }
      case 'unlock':
        if (!actor.admin && !allows(session.role, 'lock'))
          throw new ContrailError('forbidden', 'Your role does not allow to unlock.');
        await locks.unlock(room.id, actor, actor.admin || allows(session.role, 'break-lock'));
        return { lock: null };
      case 'status': {
        const { status } = request;
        if (status !== 'online' && status !== 'away')
          throw new ContrailError('bad-request', 'status is "online" or "away"');
        session.statedAway = status === 'away';
        return { status };
      }
      default:
        return null;
    }
  };

const secondsOf = (value: unknown): number => {
  if (value === undefined) return defaultLockSeconds;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxLockSeconds) return value;
  throw new ContrailError('bad-request', `ttlSeconds is a whole number from 1 to ${maxLockSeconds}`);
};
