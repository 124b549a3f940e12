// This person's notifications: the live ones from the shared map, sending and marking over REST.

import { computed, effect, signal } from '@preact/signals';
import { person } from './identity.js';
import { callJson } from './rest.js';
import { connection } from './session.js';

export type Priority = 'low' | 'normal' | 'high' | 'urgent';
export interface Notification {
  readonly id: string;
  readonly type: string;
  readonly priority: Priority;
  readonly title: string;
  readonly message: string;
  readonly actor: string;
  readonly data?: { readonly flightId?: string };
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly readAt: string | null;
}

/** Newest first. */
export const notifications = computed(() => {
  const records = connection.value?.notifications.all.value;
  const list = records ? [...records.values()].map((record) => record as unknown as Notification) : [];
  return list.sort((a, b) => (a.id < b.id ? 1 : -1));
});
export const unread = computed(() => notifications.value.filter(({ readAt }) => readAt === null).length);

/** What has arrived while the page was open and is shown as a toast. */
export const toasts = signal<readonly Notification[]>([]);
const toastMs = 7_000;

export const dismissToast = (id: string): void => {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
};

let known: ReadonlySet<string> | null = null;
let knownTo: string | null = null;
effect(() => {
  const who = person.value?.id ?? null;
  const current = connection.value;
  const ids = new Set(notifications.value.map(({ id }) => id));
  if (who !== knownTo) [known, knownTo] = [null, who];
  if (current?.link.value.state !== 'online') return;
  const news = known === null ? [] : notifications.value.filter(({ id, readAt }) => readAt === null && !known?.has(id));
  // What left the map stays known: a change of connection empties it for a moment.
  known = known === null ? ids : new Set([...known, ...ids]);
  if (news.length === 0) return;
  queueMicrotask(() => {
    toasts.value = [...news.slice(0, 3), ...toasts.peek()].slice(0, 4);
    for (const { id } of news) setTimeout(() => dismissToast(id), toastMs);
  });
});

const mine = (): string => `/notifications/${encodeURIComponent(person.peek()?.id ?? '')}`;
export const markRead = (id: string): Promise<unknown> => callJson(`${mine()}/${id}/read`, { method: 'POST' });
/** Up to the newest one shown: what arrives meanwhile stays unread. */
export const markAllRead = (upTo: string): Promise<unknown> =>
  callJson(`${mine()}/read-all`, { method: 'POST', body: { upTo } });
export const archive = (id: string): Promise<unknown> => callJson(`${mine()}/${id}/archive`, { method: 'POST' });

export interface Sending {
  /** `null` for everybody. */
  readonly to: string | null;
  readonly message: string;
  readonly priority: Priority;
  readonly expiresInMinutes: number | null;
}

export const send = ({ to, message, priority, expiresInMinutes }: Sending): Promise<unknown> => {
  const content = {
    type: 'alert',
    priority,
    title: `Message from ${person.peek()?.name ?? 'somebody'}`,
    message,
    data: { urgency: priority, message },
    ...(expiresInMinutes === null ? {} : { expiresAt: new Date(Date.now() + expiresInMinutes * 60_000).toISOString() }),
  };
  return to === null
    ? callJson('/notifications/broadcast', { method: 'POST', body: { audience: 'all', ...content } })
    : callJson('/notifications/send', { method: 'POST', body: { userId: to, ...content } });
};
