// Who sits at this window. In open mode a name is enough; a server with authentication wants a token, which is kept for the tab only.
// Order: the page's own `?user=` or `?token=`, then this tab, then this browser: so two windows can be two people.

import { signal } from '@preact/signals';

export interface Person {
  readonly id: string;
  readonly name: string;
  /** Present where the server authenticates. */
  readonly token: string | null;
}

/** Suggested to newcomers, where a name is enough. */
export const examplePeople = ['alice', 'bob', 'carol'] as const;

const key = 'contrail/person';

/** An id that fits into an HTTP header, made from what somebody typed. */
export const idFromName = (name: string): string => {
  const plain = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  const id = plain
    .replace(/[^a-z0-9._@-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 64);
  return id || `guest-${crypto.randomUUID().slice(0, 6)}`;
};

const fromToken = (token: string): Person | null => {
  try {
    const part = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const claims: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), (c) => c.charCodeAt(0))));
    if (typeof claims !== 'object' || claims === null || !('sub' in claims) || typeof claims.sub !== 'string')
      return null;
    const name = 'name' in claims && typeof claims.name === 'string' ? claims.name : claims.sub;
    return { id: claims.sub, name, token };
  } catch {
    return null;
  }
};

const stored = (storage: Storage): Person | null => {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? 'null');
    if (typeof value !== 'object' || value === null || !('id' in value) || !('name' in value)) return null;
    const token = 'token' in value && typeof value.token === 'string' ? value.token : null;
    return { id: String(value.id), name: String(value.name), token };
  } catch {
    return null;
  }
};

const fromPage = (): Person | null => {
  const parameters = new URLSearchParams(location.search);
  const token = parameters.get('token');
  if (token) {
    // A token must not stay in the address bar, nor in the history of the browser.
    history.replaceState(null, '', `${location.pathname}${location.hash}`);
    return fromToken(token);
  }
  const user = parameters.get('user');
  return user ? { id: idFromName(user), name: parameters.get('name') ?? user, token: null } : null;
};

const keep = (chosen: Person): void => {
  sessionStorage.setItem(key, JSON.stringify(chosen));
  if (!chosen.token) localStorage.setItem(key, JSON.stringify(chosen));
};

const initial = fromPage();
if (initial) sessionStorage.setItem(key, JSON.stringify(initial));

export const person = signal<Person | null>(initial ?? stored(sessionStorage) ?? stored(localStorage));

export const becomePerson = (name: string): void => {
  const chosen = { id: idFromName(name), name: name.trim(), token: null };
  keep(chosen);
  person.value = chosen;
};

/** Whether the token could be read; whether it is valid only the server can tell. */
export const becomeBearer = (token: string): boolean => {
  const chosen = fromToken(token.trim());
  if (!chosen) return false;
  keep(chosen);
  person.value = chosen;
  return true;
};

export const leave = (): void => {
  sessionStorage.removeItem(key);
  localStorage.removeItem(key);
  if (location.search) history.replaceState(null, '', `${location.pathname}${location.hash}`);
  person.value = null;
};
