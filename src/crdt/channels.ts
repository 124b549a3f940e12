// Channels by name: which view document each stands for, and under which root its items lie. One root, one view document.

import { type StreamName, streamName, type UserId } from '../model/ids.js';

export interface Channel {
  /** As clients name it: `flights`, `flights:<board>`, `notifications`. */
  readonly name: string;
  readonly view: StreamName;
}

const mainBoard = 'main';

/** The channel of that name for this person; `null` for names that stand for no view document (`positions`). */
export const channelOf = (name: string, userId: UserId): Channel | null => {
  if (name === 'notifications') return { name, view: inboxView(userId) };
  if (name === 'flights' || name === `flights:${mainBoard}`)
    return { name: 'flights', view: streamName('board', mainBoard) };
  if (name.startsWith('flights:')) return { name, view: streamName('board', name.slice('flights:'.length)) };
  return null;
};

const channelPattern = /^(flights(:[A-Za-z0-9._~:@-]{1,128})?|notifications|positions)$/;

/** Whether a client may ask for a channel of that name; whether anything is in it is another question. */
export const isChannelName = (name: string): boolean => channelPattern.test(name);

export const inboxView = (userId: UserId): StreamName => streamName('view', userId);

/** The root under which a view document's items lie. */
export const rootOf = (view: StreamName): string => {
  if (view.startsWith('view/')) return 'notifications';
  return view === `board/${mainBoard}` ? 'flights' : `flights:${view.slice('board/'.length)}`;
};

/** Whether a root belongs to the server on every connection, subscribed or not (C5). */
export const isReservedRoot = (root: string): boolean =>
  root === 'flights' || root === 'notifications' || root.startsWith('flights:');

/** Whether a view document is another person's inbox. */
export const isForeignInbox = (view: string, userId: UserId): boolean =>
  view.startsWith('view/') && view !== inboxView(userId);
