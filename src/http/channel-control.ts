// Control requests about channels: subscribe and unsubscribe while connected (docs/channels.md).

import { isChannelName } from '../crdt/channels.js';
import type { ControlHandler } from '../crdt/control-request.js';
import type { Session } from '../crdt/session.js';
import { answerSubscription } from '../crdt/sync-answers.js';
import { ContrailError } from '../model/errors.js';
import type { JsonObject } from '../model/json.js';

export const channelRequests: ControlHandler = async (session, request) => {
  switch (request['do']) {
    case 'subscribe':
      return subscribe(session, channelIn(request));
    case 'unsubscribe':
      session.overlay?.unsubscribe(channelIn(request));
      return { channels: session.overlay?.channels ?? [] };
    default:
      return null;
  }
};

/** Sends all of the channel unless the connection has it already. */
const subscribe = async (session: Session, channel: string): Promise<JsonObject> => {
  const { overlay } = session;
  if (!overlay) throw new ContrailError('bad-request', 'This server has no channels.');
  const before = overlay.channels.length;
  await overlay.subscribe(channel, session);
  if (overlay.channels.length > before) answerSubscription(session, channel);
  return { channels: overlay.channels };
};

const channelIn = ({ channel }: JsonObject): string => {
  if (typeof channel === 'string' && isChannelName(channel)) return channel;
  throw new ContrailError('bad-request', 'channel must be flights, flights:<board>, notifications or positions.');
};
