// People: when each was first seen, which decides what broadcasts to all are theirs, and what they want to be told.

import { ContrailError } from '../model/errors.js';
import { systemActor, type UserId } from '../model/ids.js';
import type { Json } from '../model/json.js';
import type { Desk } from './desk.js';
import { appeared, preferred } from './facts.js';
import { type Preferences, parsePreferences } from './preferences.js';

const harmless: ReadonlySet<string> = new Set(['conflict', 'log-unavailable']);

/**
 * Records a person's first appearance, once: call it whenever somebody connects, before their inbox is opened. Broadcasts to all that were
 * accepted earlier are not theirs.
 */
export const recordPerson = async (desk: Desk, user: UserId): Promise<void> => {
  if (user === systemActor || desk.reader.isKnown(user)) return;
  await desk.queue.run([`person ${user}`], async () => {
    if (desk.reader.isKnown(user)) return;
    const event = appeared(user, { actor: user, at: desk.clock.now() });
    try {
      await desk.commit({ events: [event], views: [], expect: [{ stream: event.stream, head: 0 }] });
    } catch (error) {
      // Another node saw the person first: that is all this wanted to record. While the log cannot write, reading goes on all the same.
      if (!(error instanceof ContrailError) || !harmless.has(error.code)) throw error;
    }
  });
};

/** Replaces a person's preferences; throws `bad-request` with every fault. What was sent before stays as it was. */
export const putPreferences = async (
  desk: Desk,
  user: UserId,
  { body, actor }: { readonly body: Preferences | Json; readonly actor: UserId },
): Promise<Preferences> => {
  const preferences = parsePreferences(body);
  await desk.queue.run([user], () =>
    desk.commit({ events: [preferred(user, { actor, at: desk.clock.now() }, preferences)], views: [] }),
  );
  return preferences;
};
