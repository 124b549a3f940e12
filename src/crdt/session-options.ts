// What a session is made of: who it is for, its way out, what it may ask for.

import type { Actor } from '../model/actor.js';
import type { Role } from '../model/roles.js';
import type { ControlHandler } from './control-request.js';
import type { Outlet, Pack } from './outlet.js';
import type { Overlay } from './overlay.js';
import type { ProtocolLimits } from './protocol.js';
import type { Trial } from './trial.js';
import type { UpdateLimits } from './update-limits.js';

export interface SessionLimits {
  readonly protocol: ProtocolLimits;
  readonly liveUpdate: UpdateLimits;
  readonly firstSync: UpdateLimits;
  /** Largest live update, in bytes. */
  readonly maxUpdateBytes: number;
  readonly maxWaitingUpdates: number;
  readonly maxWaitingBytes: number;
}

export interface SessionOptions {
  readonly actor: Actor;
  readonly role: Role;
  /** The channels laid over the document; `null` for a plain document server. */
  readonly overlay: Overlay | null;
  readonly outlet: Outlet;
  readonly pack: Pack;
  readonly limits: SessionLimits;
  readonly control: ControlHandler;
  readonly trial: Trial;
  readonly now: () => number;
}
