// Asks that one's bell rings when a flight changes. The server does not say who watches, so this window remembers what it asked for.

import { signal } from '@preact/signals';
import { watchFlight } from '../model/flights.js';
import { Icon } from '../shell/icons.js';

const watched = signal<ReadonlySet<string>>(new Set());

interface WatchButtonProps {
  readonly flightId: string;
  readonly attempt: (work: Promise<unknown>) => void;
}

export const WatchButton = ({ flightId, attempt }: WatchButtonProps) => {
  const on = watched.value.has(flightId);
  const toggle = async (): Promise<void> => {
    const { watching } = await watchFlight(flightId, !on);
    const others = [...watched.peek()].filter((id) => id !== flightId);
    watched.value = new Set(watching ? [...others, flightId] : others);
  };
  return (
    <button type="button" class="wide" aria-pressed={on} onClick={() => attempt(toggle())}>
      <Icon name="bell" /> {on ? 'Your bell rings when it changes' : 'Ring my bell when it changes'}
    </button>
  );
};
