// Puts flights behind their channels: view documents whose content comes from the projections of the domains that own them.

import { join } from 'node:path';
import type { Config } from './config.js';
import { Overlay } from './crdt/overlay.js';
import { ViewClients } from './crdt/view-clients.js';
import { Views } from './crdt/views.js';
import { createFlights, type Flights } from './flights/flights.js';
import { createPushSource } from './flights/sources/push.js';
import { readReferenceData } from './flights/sources/reference-data.js';
import { createSimulator } from './flights/sources/simulator.js';
import { packBinary } from './http/packet.js';
import type { SqliteLog } from './log/sqlite-log.js';
import { parseStreamName, type StreamName, type UserId } from './model/ids.js';
import type { Json } from './model/json.js';
import type { Clock, Random } from './model/time.js';
import type { EntryPatch } from './model/views.js';
import { packageRoot } from './package-root.js';

export interface ChannelParts {
  readonly config: Config;
  readonly log: SqliteLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly onFault: (source: string, error: unknown) => void;
}

export interface Channels {
  readonly flights: Flights;
  readonly views: Views;
  /** An overlay for one connection of this person. */
  overlay(userId: UserId): Overlay;
}

const samples = join(packageRoot, 'data', 'samples');

export const setUpChannels = async ({ config, log, clock, random, onFault }: ChannelParts): Promise<Channels> => {
  const clients = new ViewClients(log.db);
  const content = (view: StreamName): readonly EntryPatch[] => {
    const stream = parseStreamName(view);
    if (stream?.type !== 'board') return [];
    return flights.board(stream.name).map((flight) => ({
      key: flight.flightId,
      fields: { ...flight } as unknown as Record<string, Json | undefined>,
    }));
  };
  const views = new Views({ log, clients, clock, random, content, pack: packBinary });
  const reference = await readReferenceData(samples);
  const flights = createFlights({
    log,
    db: log.db,
    commit: views.commit,
    clock,
    random,
    sources: [
      createSimulator({ seed: config.simulatorSeed, clock, reference, speed: config.simulatorSpeed, epochMs: 0 }),
      createPushSource(clock),
    ],
    config: {
      defaultSource: 'simulator',
      pollSeconds: config.flightPollSeconds,
      delayThresholdMinutes: config.delayThresholdMinutes,
      lingerMinutes: config.flightLingerMinutes,
    },
    onFault,
  });
  return {
    flights,
    views,
    overlay: (userId) => new Overlay({ views, clients, userId, now: () => clock.now() }),
  };
};
