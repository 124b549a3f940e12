// Who is in the document, from awareness: name, colour, typing, away. Also says of this person whether they type or are away.

import { signal } from '@preact/signals';
import type { WebsocketProvider } from 'y-websocket';
import { setStatus, setTyping } from '../../../src/client/provider.js';
import { colourOf } from './colours.js';
import type { Person } from './identity.js';

export interface Attendee {
  readonly clientId: number;
  readonly id: string;
  readonly name: string;
  readonly colour: string;
  readonly typing: boolean;
  readonly away: boolean;
  readonly self: boolean;
}

const typingMs = 1_500;
const hiddenMs = 20_000;
const idleMs = 5 * 60_000;
const signsOfLife = ['pointermove', 'keydown', 'focus'] as const;

export class Presence {
  /** One entry a window, this one first. */
  readonly attendees = signal<readonly Attendee[]>([]);
  readonly #provider: WebsocketProvider;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;
  #away = false;

  constructor(provider: WebsocketProvider, person: Person) {
    this.#provider = provider;
    const { awareness } = provider;
    const color = colourOf(person.id);
    awareness.setLocalState({
      user: { id: person.id, name: person.name, color, colorLight: `${color}33` },
      typing: false,
      status: 'online',
    });
    awareness.on('change', this.#changed);
    provider.doc.on('update', this.#edited);
    for (const sign of signsOfLife) addEventListener(sign, this.#alive, { passive: true });
    document.addEventListener('visibilitychange', this.#alive);
    this.#changed();
    this.#alive();
  }

  close(): void {
    clearTimeout(this.#typing);
    clearTimeout(this.#leaving);
    this.#provider.awareness.off('change', this.#changed);
    for (const sign of signsOfLife) removeEventListener(sign, this.#alive);
    document.removeEventListener('visibilitychange', this.#alive);
  }

  readonly #changed = (): void => {
    const { awareness, doc } = this.#provider;
    const attendees: Attendee[] = [];
    for (const [clientId, state] of awareness.getStates()) {
      const {
        user = {},
        typing,
        status,
      } = state as { user?: Record<string, unknown>; typing?: unknown; status?: unknown };
      const id = String(user['id'] ?? user['name'] ?? 'anonymous');
      attendees.push({
        clientId,
        id,
        name: String(user['name'] ?? id),
        colour: colourOf(id),
        typing: typing === true,
        away: status === 'away',
        self: clientId === doc.clientID,
      });
    }
    attendees.sort((a, b) => Number(b.self) - Number(a.self) || a.name.localeCompare(b.name));
    this.attendees.value = attendees;
  };

  readonly #edited = (_update: Uint8Array, origin: unknown, _doc: unknown, transaction: { local: boolean }): void => {
    if (!transaction.local || origin === this.#provider) return;
    if (this.#typing === undefined) setTyping(this.#provider, true);
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.#typing = undefined;
      setTyping(this.#provider, false);
    }, typingMs);
  };

  readonly #alive = (): void => {
    clearTimeout(this.#leaving);
    if (!document.hidden && this.#away) this.#status(false);
    this.#leaving = setTimeout(() => this.#status(true), document.hidden ? hiddenMs : idleMs);
  };

  #status(away: boolean): void {
    this.#away = away;
    setStatus(this.#provider, away ? 'away' : 'online');
  }
}
