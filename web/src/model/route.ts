// Pages by the address's hash: every other path of the server is a document's WebSocket.

import { computed, signal } from '@preact/signals';

export type Route =
  | { readonly page: 'documents' | 'stats' }
  /** With an id: that flight's details beside the board. */
  | { readonly page: 'flights'; readonly id?: string }
  | { readonly page: 'document'; readonly id: string; readonly tab: 'edit' | 'history' };

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

const parse = (text: string): Route => {
  const [head = '', id, tab] = text.replace(/^#\/?/, '').split('/');
  if (head === 'stats') return { page: head };
  try {
    if (head === 'flights') return id ? { page: head, id: decodeURIComponent(id) } : { page: head };
    if (head !== 'd' || !id) return { page: 'documents' };
    return { page: 'document', id: decodeURIComponent(id), tab: tab === 'history' ? 'history' : 'edit' };
  } catch {
    return { page: 'documents' };
  }
};

export const route = computed(() => parse(hash.value));

export const linkTo = (target: Route): string => {
  if (target.page === 'flights' && target.id !== undefined) return `#/flights/${encodeURIComponent(target.id)}`;
  if (target.page !== 'document') return `#/${target.page}`;
  return `#/d/${encodeURIComponent(target.id)}${target.tab === 'history' ? '/history' : ''}`;
};

/** A link that others can open: without this window's own `?user=`. */
export const sharedLink = (id: string): string =>
  `${location.origin}${location.pathname}${linkTo({ page: 'document', id, tab: 'edit' })}`;

export const goTo = (target: Route): void => {
  location.hash = linkTo(target);
};
