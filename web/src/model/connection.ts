// One document on the stock WebsocketProvider: its state in words, whether everything is on the server's disk, who else is there. Edits are
// also kept in this browser (y-indexeddb), so that a closed tab without a network loses nothing.

import { computed, signal } from '@preact/signals';
import { IndexeddbPersistence } from 'y-indexeddb';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { controlOf, type Notice } from '../../../src/client/control.js';
import { type Closing, closingOf } from './close-codes.js';
import type { Lock, Role } from './documents.js';
import type { Person } from './identity.js';
import { Presence } from './presence.js';
import { SharedRecords } from './shared-records.js';

export type Link =
  | { readonly state: 'connecting' | 'online' }
  /** Tries again by itself. */
  | { readonly state: 'offline'; readonly closing: Closing | null }
  /** This person wanted to be offline. */
  | { readonly state: 'paused' }
  /** The server said no, for good. */
  | { readonly state: 'closed'; readonly closing: Closing; readonly reason: string };

export interface ConnectionOptions {
  readonly documentId: string;
  readonly person: Person;
  /** Whether edits are kept in this browser as well. */
  readonly keep: boolean;
}

const socketUrl = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`;

export class Connection {
  readonly documentId: string;
  readonly doc = new Y.Doc();
  readonly provider: WebsocketProvider;
  readonly presence: Presence;
  readonly flights: SharedRecords;
  readonly notifications: SharedRecords;
  readonly link = signal<Link>({ state: 'connecting' });
  readonly role = signal<Role | null>(null);
  readonly lock = signal<Lock | null>(null);
  /** Whether something typed here is not known to be on the server's disk: only its notice `saved` says that it is. */
  readonly unsaved = signal(false);
  /** Whether everything typed here is in this browser's own store. */
  readonly kept = signal(true);
  /** Why the server did not take an edit; counts up so that repeats are noticed. */
  readonly rejected = signal<{ readonly detail: string; readonly count: number } | null>(null);
  readonly loaded = signal(false);
  readonly mayEdit = computed(() => this.role.value !== 'viewer');
  readonly #storage: IndexeddbPersistence | null;
  readonly #person: Person;
  #awaited: IDBTransaction | null = null;

  constructor({ documentId, person, keep }: ConnectionOptions) {
    this.documentId = documentId;
    this.#person = person;
    // By person as well: a channel's content in it belongs to one of them alone.
    this.#storage = keep ? new IndexeddbPersistence(`contrail/${person.id}/${documentId}`, this.doc) : null;
    this.#storage?.once('synced', () => {
      if (this.doc.store.clients.size > 0) this.loaded.value = true;
      this.#awaitKept();
    });
    const credentials: Record<string, string> = person.token
      ? { token: person.token }
      : { user: person.id, name: person.name };
    this.provider = new WebsocketProvider(socketUrl, encodeURIComponent(documentId), this.doc, {
      params: credentials,
      connect: false,
      // Two windows of one browser may be two people: what the server sends to one must not pass to the other.
      disableBc: true,
    });
    this.presence = new Presence(this.provider, person);
    this.flights = new SharedRecords(this.doc.getMap('flights'));
    this.notifications = new SharedRecords(this.doc.getMap('notifications'));
    this.#watch();
    this.provider.connect();
  }

  pause(): void {
    this.link.value = { state: 'paused' };
    this.provider.disconnect();
  }

  resume(): void {
    this.link.value = { state: 'connecting' };
    this.provider.connect();
  }

  /** Forgets what this browser kept of the document. */
  async forget(): Promise<void> {
    await this.#storage?.clearData();
  }

  close(): void {
    this.presence.close();
    this.provider.destroy();
    this.doc.destroy();
  }

  #watch(): void {
    const { provider, doc } = this;
    doc.on('update', (_update: Uint8Array, origin: unknown) => {
      // What this browser kept may hold edits that the server never got: its notice, after the first sync, will tell.
      if (origin === provider) return;
      this.unsaved.value = true;
      if (origin !== this.#storage) this.#awaitKept();
    });
    const control = controlOf(provider);
    control.onNotice((notice) => this.#notice(notice));
    provider.on('status', ({ status }) => {
      if (status !== 'connected') return;
      control.request('hello').then(
        ({ role }) => {
          this.role.value = role as Role;
        },
        () => {}, // lost with the connection: the next one asks again
      );
    });
    provider.on('sync', (synced) => {
      if (!synced) return;
      this.link.value = { state: 'online' };
      this.loaded.value = true;
    });
    provider.on('connection-close', (event) => {
      if (this.link.peek().state === 'paused' || this.link.peek().state === 'closed') return;
      // 1006 says only that the line broke.
      const closing = event === null || event.code <= 1006 ? null : closingOf(event.code);
      this.link.value = { state: 'offline', closing };
    });
    provider.on('closed', ({ code, reason }) => {
      this.link.value = { state: 'closed', closing: closingOf(code), reason: reason.replace(/^[a-z-]+: /, '') };
    });
  }

  /** The store handles requests in order: once a read that was asked for now is answered, what was written before is there. */
  #awaitKept(): void {
    const database = this.#storage?.db;
    this.kept.value = false;
    if (!database) return;
    const read = database.transaction(['updates'], 'readonly');
    this.#awaited = read;
    read.objectStore('updates').count();
    read.oncomplete = () => {
      if (this.#awaited === read) this.kept.value = true;
    };
  }

  #notice(notice: Notice): void {
    switch (notice.event) {
      case 'saved':
        this.unsaved.value = false;
        return;
      case 'rejected':
        this.rejected.value = { detail: String(notice['detail'] ?? ''), count: (this.rejected.peek()?.count ?? 0) + 1 };
        return;
      case 'role':
        this.role.value = String(notice['role']) as Role;
        return;
      case 'locked':
        this.lock.value = { userId: String(notice['by']), until: String(notice['until']) };
        return;
      case 'unlocked':
        this.lock.value = null;
    }
  }

  /** Who holds the lock, if that is somebody else. */
  readonly lockedBy = computed(() => {
    const lock = this.lock.value;
    return lock && lock.userId !== this.#person.id ? lock.userId : null;
  });
}
