// Three people on one document, one of them hostile, and words that only one of them may ever receive: in inboxes, messages and, with tokens,
// in documents of their own, their titles and their ids. Everything they do is drawn at random: editing, reading, marking, reconnecting, swapping
// browsers, guessing at other people's inboxes and documents over every door there is.

import * as Y from 'yjs';
import type { Actor } from '../../src/model/actor.js';
import type { DocumentId, UserId } from '../../src/model/ids.js';
import { secret } from '../access/world.js';
import { until } from '../support/deadline.js';
import { LocalServer } from '../support/local-server.js';
import { awarenessFrame, controlFrame, syncFrame, syncType, updateFrame } from '../support/raw-client.js';
import { seededRandom, wholeBelow } from '../support/seed.js';
import { canaryOf } from '../support/wire-tap.js';
import { Member } from './canary-member.js';

const names = ['alice', 'bob', 'mallory'] as const;
type Name = (typeof names)[number];
const documents = ['shared', 'other'] as const;
/** In open mode everybody may read every document; with tokens these are their owner's alone. One has an id that anybody may guess. */
const ownDocuments = (name: string): readonly string[] => [`private-${name}`, canaryOf(name, 'document')];
/** With tokens people have roles; in open mode everybody may do what an admin may. */
export type CanaryMode = 'tokens' | 'open';
/** Whom a word with this owner may reach; `both` is a list of two. */
const reach: Readonly<Record<string, readonly string[]>> = {
  alice: ['alice'],
  bob: ['bob'],
  mallory: ['mallory'],
  both: ['alice', 'bob'],
};

export interface CanaryReport {
  readonly operations: number;
  readonly sent: number;
  readonly bytes: Readonly<Record<string, number>>;
  /** Own canaries met, by person. */
  readonly own: Readonly<Record<string, number>>;
  readonly leaks: readonly string[];
  readonly refusals: number;
  /** Control messages to connections that had sent none. */
  readonly unasked: number;
  /** Notifications whose place in a map was not that of the inbox at the end. */
  readonly astray: readonly string[];
}

export const runCanaries = async (operations: number, seed: number, mode: CanaryMode): Promise<CanaryReport> => {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[wholeBelow(random, items.length)] as T;
  const withToken = mode === 'tokens';
  const local = await LocalServer.start(withToken ? { jwtSecret: secret } : {});
  const { notifications, messages } = local.server;
  if (withToken) await createDocuments(local);
  const come = (id: Name) =>
    Member.come({
      local,
      id,
      withToken,
      document: documents[0],
      mayRead: (owner) => reach[owner]?.includes(id) ?? false,
    });
  const [alice, bob, mallory] = [await come('alice'), await come('bob'), await come('mallory')];
  const members = [alice, bob, mallory];
  /** Where somebody may be. */
  const placesOf = ({ id }: Member) => (withToken ? [...documents, ...ownDocuments(id)] : documents);
  /** Where mallory may want to be. */
  const places = [...documents, ...(withToken ? ['private-alice', 'private-bob'] : [])];
  const ids: { id: string; owner: string }[] = [];
  let sent = 0;

  const content = (owner: string) => {
    sent += 1;
    const canary = canaryOf(owner, `${sent}x${wholeBelow(random, 1e9)}`);
    const times =
      random() < 0.1 ? { expiresAt: new Date(Date.now() + 20 + wholeBelow(random, 500)).toISOString() } : {};
    const key = random() < 0.2 ? { collapseKey: canaryOf(owner, `key${wholeBelow(random, 3)}`) } : {};
    return {
      ...{ type: 'alert' as const, title: `t ${canary}`, message: canary, subjectId: canary, ...key, ...times },
      data: { urgency: 'high', message: `d ${canary}` },
    };
  };
  const someId = () => pick(ids)?.id ?? '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  const clientIdsOf = (member: Member): number[] => {
    const map = member.client.doc.getMap('notifications') as unknown as {
      _map: Map<string, { id: { client: number } }>;
    };
    return [...new Set([...map._map.values()].map(({ id }) => id.client))];
  };

  /** What each person does with their own, and to others. */
  const honest: readonly ((member: Member) => unknown)[] = [
    ({ client }) => client.text.insert(wholeBelow(random, client.text.length + 1), 'word '),
    ({ client }) => client.text.length > 4 && client.text.delete(wholeBelow(random, client.text.length - 3), 3),
    ({ client }) => client.provider.awareness.setLocalStateField('cursor', wholeBelow(random, 1000)),
    (member) => member.rest('GET', `/notifications/${member.id}?limit=${1 + wholeBelow(random, 20)}&include=expired`),
    (member) => member.rest('GET', `/notifications/${member.id}/unread`),
    (member) => member.rest('POST', `/notifications/${member.id}/${someId()}/${pick(['read', 'seen', 'archive'])}`),
    (member) => member.raw(controlFrame({ id: 1, do: 'read', ids: [someId(), someId()] })),
    (member) => member.raw(controlFrame({ id: 2, do: 'read', upTo: someId() })),
    (member) => member.rest('GET', `/documents/${member.document}/history?order=desc&limit=5`),
    (member) => member.rest('GET', `/documents/${member.document}?content=json`),
    (member) => member.page(1 + wholeBelow(random, 200)),
    (member) => member.rest('GET', pick(['/documents', '/users/online', '/stats'])),
    async (member) => {
      const [document] = ownDocuments(member.id);
      if (!withToken) return;
      const value = canaryOf(member.id, `text${wholeBelow(random, 1e9)}`);
      await member.rest('POST', `/documents/${document}/edits`, { path: ['words'], action: 'insert', value });
      await member.rest('GET', `/documents/${document}?content=text`);
    },
  ];
  const hostile: readonly (() => unknown)[] = [
    () =>
      mallory.rest(
        'GET',
        `/notifications/${pick(['alice', 'bob'])}${pick(['', '/unread', '/preferences', '?include=expired'])}`,
      ),
    () =>
      mallory.rest('POST', `/notifications/${pick(names)}/${someId()}/${pick(['read', 'seen', 'archive', 'share'])}`),
    () => mallory.rest('POST', `/notifications/${pick(names)}/read-all`, { upTo: someId(), who: someId() }),
    () => mallory.rest('POST', '/notifications/send', { userId: 'alice', type: someId(), data: { message: someId() } }),
    () => mallory.rest('GET', `/notifications/broadcasts/${someId()}`),
    () =>
      mallory.rest(
        'GET',
        `/documents/${pick([...places, 'view', 'notifications', 'alice'])}/at?seq=${wholeBelow(random, 30)}&as=${pick(['json', 'text', 'update'])}`,
      ),
    () =>
      mallory.rest('GET', `/documents/${encodeURIComponent(pick(['view/alice', 'inbox/alice', ...places]))}/history`),
    () => mallory.rest('GET', `/documents/shared/at?seq=1&as=text&name=notifications`),
    () => mallory.rest('GET', `/documents/${pick(places)}/diff?from=0&to=${wholeBelow(random, 30)}`),
    () => mallory.rest('GET', `/documents/${pick(places)}/attribution?name=${pick(['content', 'notifications'])}`),
    () =>
      mallory.rest('POST', `/documents/${pick(places)}/restore`, {
        seq: wholeBelow(random, 10),
        dryRun: random() < 0.8,
      }),
    () =>
      mallory.rest('POST', `/documents/${pick(places)}/edits`, {
        path: ['notifications'],
        action: 'insert',
        key: someId(),
        value: 'x',
      }),
    () => mallory.rest('POST', `/documents/${pick(places)}/${pick(['undo', 'redo'])}`, {}),
    () =>
      mallory.rest(
        'GET',
        pick([
          '/stats',
          '/stats/notifications',
          '/users/online',
          '/documents',
          `/documents/${pick(places)}/users`,
          `/documents/${pick(places)}/cursors`,
          `/documents/${pick(places)}?content=${pick(['json', 'text', 'none', 'all'])}`,
          `/documents/${pick(places)}/versions`,
          '/flights/active',
          '/events?after=0&limit=500',
          '/events?after=now&kind=notified,edit,created',
          '/../../metrics',
          '/../../api-docs/openapi.json',
        ]),
      ),
    () => mallory.rest('POST', '/documents/create', { id: pick(places) }),
    () => mallory.rest('POST', `/documents/${pick(places)}/share`, { userIds: ['mallory'], role: 'editor' }),
    () => mallory.rest('PUT', `/documents/${pick(places)}/lock`, { ttlSeconds: 1 }),
    () => mallory.rest('DELETE', `/documents/${pick(places)}/lock`),
    () => mallory.rest('POST', '/messages', { userId: 'alice', name: 'guess', data: someId() }),
    () =>
      mallory.raw(
        controlFrame({
          id: 3,
          do: pick(['read', 'subscribe', 'hello', 'undo']),
          ids: [someId()],
          channel: pick(['view/alice', 'notifications:alice', 'inbox/alice']),
        }),
      ),
    () => mallory.raw(syncFrame(syncType.step1, Y.encodeStateVector(new Y.Doc()))),
    () =>
      mallory.raw(
        syncFrame(syncType.step1, Y.encodeStateVector(new Map(clientIdsOf(alice).map((client) => [client, 1])))),
      ),
    () => mallory.raw(awarenessFrame(new Uint8Array([1, 1, 1, 2, 123, 125]))),
    () =>
      mallory.reconnect(
        pick(places),
        new Y.Doc(),
        pick(['notifications', 'none', 'flights:view,notifications', 'notifications,flights:alice']),
      ),
    // Deletes of somebody else's inbox, in the form of an update.
    () => {
      const doc = new Y.Doc();
      doc.clientID = clientIdsOf(alice)[0] ?? 7;
      doc.getMap('notifications').set(someId(), 'forged');
      const update = Y.encodeStateAsUpdate(doc);
      mallory.raw(random() < 0.5 ? updateFrame(update) : syncFrame(syncType.step2, update));
    },
    () => mallory.client.doc.getMap('notifications').set('mine', 'x'),
  ];
  const world: readonly (() => unknown)[] = [
    ...Array.from({ length: 4 }, () => async () => {
      const owner = pick(names);
      const { id } = await notifications.send({ userId: owner, ...content(owner) } as never, 'ops' as UserId);
      ids.push({ id, owner });
      if (ids.length > 300) ids.shift();
    }),
    () => notifications.broadcast({ userIds: ['alice', 'bob'], ...content('both') } as never, 'ops' as UserId),
    () => {
      const owner = pick(names);
      messages.toUser(owner as UserId, { name: 'word', data: canaryOf(owner, `message${wholeBelow(random, 1e9)}`) });
    },
    () => {
      const member = pick(members);
      return member.reconnect(pick(placesOf(member)));
    },
    () => {
      const member = pick(members);
      return member.reconnect(
        member.document,
        member.client.doc.clientID === 0 ? undefined : copyOf(member.client.doc),
      );
    },
    // A browser that two people share: the one finds what the other's page left behind.
    () => {
      const [from, to] = random() < 0.5 ? [alice, bob] : [bob, alice];
      const isShared = documents.some((document) => document === from.document);
      return isShared ? to.reconnect(pick(documents), copyOf(from.client.doc)) : null;
    },
  ];

  try {
    for (let done = 0; done < operations; done += 1) {
      const draw = random();
      const work = draw < 0.62 ? () => pick(honest)(pick(members)) : draw < 0.82 ? pick(hostile) : pick(world);
      const result = work();
      // Some run at the same time as what follows.
      if (random() < 0.8) await result;
      else if (result instanceof Promise) result.catch(() => undefined);
      if (mallory.client.closes.includes(4403)) await mallory.reconnect(pick(documents));
    }
    await notificationsSettle(local, members);
    return await reportOf(local, members, { operations, sent });
  } finally {
    for (const member of members) member.close();
    await local.dispose();
  }
};

const createDocuments = async ({ server: { documents: all, membership } }: LocalServer): Promise<void> => {
  const actorOf = (id: Name): Actor => ({
    ...{ userId: id as UserId, name: null, admin: false },
    ...{ documents: null, expiresAt: null },
  });
  for (const id of documents) {
    await all.create(id as DocumentId, actorOf('alice'), {});
    await membership.share(id as DocumentId, actorOf('alice'), ['bob', 'mallory'] as UserId[], 'editor');
  }
  for (const name of names)
    for (const id of ownDocuments(name))
      await all.create(id as DocumentId, actorOf(name), { title: canaryOf(name, 'title') });
};

const copyOf = (doc: Y.Doc): Y.Doc => {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
};

/** Everybody connects afresh and gets what is theirs. */
const notificationsSettle = async (local: LocalServer, members: readonly Member[]): Promise<void> => {
  await local.server.notifications.idle();
  for (const member of members) await member.reconnect(documents[0], new Y.Doc());
};

const reportOf = async (
  local: LocalServer,
  members: readonly Member[],
  counts: { readonly operations: number; readonly sent: number },
): Promise<CanaryReport> => {
  const astray: string[] = [];
  for (const { id, client } of members) {
    const expected = () =>
      local.server.notifications
        .inboxWindow(id as UserId, Date.now())
        .map(({ key }) => key)
        .sort()
        .join();
    const shown = () => [...client.doc.getMap('notifications').keys()].sort().join();
    await until(() => expected() === shown(), `${id}'s map is the inbox`, 3_000).catch(() => {
      const [want, have] = [expected().split(','), shown().split(',')];
      astray.push(
        `${id}: lacks ${want.filter((key) => !have.includes(key))}; too much ${have.filter((key) => !want.includes(key))}; ${want.length} ${have.length} synced ${client.provider.synced} ${client.closes}`,
      );
    });
  }
  const by = <T>(of: (member: Member) => T) => Object.fromEntries(members.map((member) => [member.id, of(member)]));
  return {
    ...counts,
    bytes: by(({ tap }) => tap.bytes),
    own: by(({ tap }) => tap.own),
    leaks: members.flatMap(({ id, tap }) => tap.leaks.map((leak) => `${id}: ${leak}`)),
    refusals: members.reduce((sum, member) => sum + member.refusals, 0),
    unasked: members.reduce((sum, { tap }) => sum + tap.unasked, 0),
    astray,
  };
};

export const describeCanaries = (report: CanaryReport): string => {
  const { operations, sent, bytes, own, leaks, refusals, unasked } = report;
  return (
    `${operations} operations, ${sent} notifications sent, ${leaks.length} canaries on another's wire; bytes read ${JSON.stringify(bytes)}, ` +
    `own canaries met ${JSON.stringify(own)}, ${refusals} connections refused or closed for writing where only the server may, ` +
    `${unasked} control messages that nobody asked for`
  );
};
