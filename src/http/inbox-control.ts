// The control request `read`: what a page marks in its own map, without a second way to the server (docs/wire.md, "Control messages").

import type { Session } from '../crdt/session.js';
import { ContrailError, type Fault } from '../model/errors.js';
import type { Json, JsonObject } from '../model/json.js';
import type { Notifications } from '../notify/notifications.js';

type InboxControl = (session: Session, request: JsonObject) => Promise<JsonObject | null>;

export const inboxRequests =
  (notifications: Notifications): InboxControl =>
  async (session, request) => {
    if (request['do'] !== 'read') return null;
    const what = parseRead(request);
    const user = session.actor.userId;
    const { unread } =
      'ids' in what ? await notifications.markRead(user, what.ids) : await notifications.markAllRead(user, what);
    return { unread };
  };

const parseRead = ({
  id: _,
  do: __,
  ...given
}: JsonObject): { readonly ids: readonly string[] } | { readonly upTo: string } => {
  const faults: Fault[] = [];
  const { ids, upTo, ...unknown } = given;
  for (const name of Object.keys(unknown)) faults.push({ at: `/${name}`, detail: 'is not known here' });
  if ((ids === undefined) === (upTo === undefined)) faults.push({ at: '/ids', detail: 'give either ids or upTo' });
  if (ids !== undefined && !isTexts(ids)) faults.push({ at: '/ids', detail: 'must be a list of notification ids' });
  if (upTo !== undefined && typeof upTo !== 'string')
    faults.push({ at: '/upTo', detail: 'must be the id of a notification' });
  if (faults.length > 0)
    throw new ContrailError('bad-request', faults.map(({ at, detail }) => `${at}: ${detail}`).join('; '), { faults });
  return isTexts(ids) ? { ids } : { upTo: String(upTo) };
};

const isTexts = (value: Json | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
