// What one connection may ask for, from the configuration.

import type { Config } from './config.js';
import { defaultProtocolLimits } from './crdt/protocol.js';
import type { SessionLimits } from './crdt/session-options.js';
import { liveUpdateLimits, syncUpdateLimits } from './crdt/update-limits.js';

export const sessionLimits = (config: Config): SessionLimits => ({
  protocol: defaultProtocolLimits,
  liveUpdate: { ...liveUpdateLimits, repairOrigins: true },
  firstSync: { ...syncUpdateLimits, repairOrigins: true },
  maxUpdateBytes: config.maxUpdateBytes,
  maxWaitingUpdates: 64,
  maxWaitingBytes: 1024 * 1024,
});
