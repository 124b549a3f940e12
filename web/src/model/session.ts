// The one connection of this page: to the open document, or else to the lobby, a document nobody edits that carries the flight board and the
// inbox to pages without one.

import { computed, effect, signal } from '@preact/signals';
import { Connection } from './connection.js';
import { person } from './identity.js';
import { route } from './route.js';

/** Hidden from the list of documents. */
export const isLobby = (id: string): boolean => id === 'lobby' || id.startsWith('lobby/');

/** With authentication each person has their own, since nobody could open another's. */
const lobbyFor = (id: string, authenticated: boolean): string =>
  authenticated
    ? `lobby/${id.replace(/[^A-Za-z0-9._~@-]/g, (letter) => `~${letter.codePointAt(0)?.toString(16)}`)}`
    : 'lobby';

const wanted = computed(() => {
  const who = person.value;
  if (!who) return null;
  const here = route.value;
  const documentId = here.page === 'document' ? here.id : lobbyFor(who.id, who.token !== null);
  return { documentId, key: `${who.id} ${who.token ?? ''} ${documentId}` };
});

export const connection = signal<Connection | null>(null);

const key = computed(() => wanted.value?.key ?? '');
effect(() => {
  key.value;
  const who = person.peek();
  const next = wanted.peek();
  const opened =
    who && next ? new Connection({ documentId: next.documentId, person: who, keep: !isLobby(next.documentId) }) : null;
  connection.value = opened;
  return () => opened?.close();
});
