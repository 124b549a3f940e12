// One line of the board; a field that changes lights up.

import { useRef } from 'preact/hooks';
import { designator, type Flight, statusWords } from '../model/flights.js';
import { clockTime } from '../model/time.js';

interface BoardRowProps {
  readonly flight: Flight;
  readonly picked: boolean;
  readonly onPick: () => void;
}

/** No longer of interest to those who want to board. */
const gone: ReadonlySet<Flight['phase']> = new Set(['departed', 'arrived', 'diverted']);

export const BoardRow = ({ flight, picked, onPick }: BoardRowProps) => {
  const { scheduledDeparture, estimatedDeparture, actualDeparture, delayMinutes, status } = flight;
  const now = actualDeparture ?? estimatedDeparture;
  const moved = now !== undefined && clockTime(now) !== clockTime(scheduledDeparture);
  const delay = delayMinutes ? `${delayMinutes > 0 ? '+' : '−'}${Math.abs(delayMinutes)}` : '';
  return (
    <tr
      class={`${picked ? 'picked' : ''}${gone.has(flight.phase) ? ' gone' : ''}`}
      onClick={onPick}
      data-flight={flight.flightId}
    >
      <td class="time">
        <span class={moved ? 'old-time' : undefined}>{clockTime(scheduledDeparture)}</span>
        {moved && <Flash value={clockTime(now)} />}
      </td>
      <th scope="row">
        <button type="button" class="flight-number" aria-expanded={picked} onClick={onPick}>
          {designator(flight)}
        </button>
      </th>
      <td>
        {flight.departureCity} <span class="airport">{flight.departureAirport}</span>
      </td>
      <td>
        {flight.arrivalCity} <span class="airport">{flight.arrivalAirport}</span>
      </td>
      <td class="gate" data-field="gate">
        <Flash value={[flight.terminal && `T${flight.terminal}`, flight.gate].filter(Boolean).join(' ') || '–'} />
      </td>
      <td class={flight.isDelayed ? 'late' : undefined} data-field="delay">
        <Flash value={delay} />
      </td>
      <td data-field="status">
        <span class={`status status-${status}`}>
          <Flash value={statusWords(status)} />
        </span>
        {delay && (
          <span class="delay-beside late" aria-hidden="true">
            {delay}
          </span>
        )}
        {flight.stale && (
          <span class="tag" title="No news from the source for a while">
            stale
          </span>
        )}
      </td>
    </tr>
  );
};

/** Lights up when its value changes, not when it is first drawn. */
const Flash = ({ value }: { value: string }) => {
  const first = useRef(value);
  const changes = useRef(0);
  const before = useRef(value);
  if (before.current !== value) {
    before.current = value;
    changes.current += 1;
  }
  // A new key starts the animation again.
  return (
    <span
      key={changes.current}
      class={changes.current > 0 ? 'flash' : undefined}
      data-first={first.current === value ? undefined : first.current}
    >
      {value}
    </span>
  );
};
