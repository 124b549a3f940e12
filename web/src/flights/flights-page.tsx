// The flight board: departures as an airport shows them, read from doc.getMap('flights') of the page's own connection.

import { useState } from 'preact/hooks';
import { designator, type Flight, flights, statusWords } from '../model/flights.js';
import { goTo, route } from '../model/route.js';
import { connection } from '../model/session.js';
import { Icon } from '../shell/icons.js';
import { BoardClock } from './board-clock.js';
import { BoardRow } from './board-row.js';
import { FlightDetail } from './flight-detail.js';
import { TrackForm } from './track-form.js';

const statuses = ['on-time', 'delayed', 'boarding', 'departed', 'arrived', 'cancelled', 'diverted'] as const;

const matches = (flight: Flight, words: string, status: string): boolean => {
  if (status !== '' && flight.status !== status) return false;
  const text = [
    designator(flight),
    flight.flightId,
    flight.departureCity,
    flight.arrivalCity,
    flight.departureAirport,
    flight.arrivalAirport,
    flight.gate,
  ];
  return text.join(' ').toLowerCase().includes(words.trim().toLowerCase());
};

const pick = (id: string): void => goTo({ page: 'flights', id });

/** Back to the board, with the focus on the line that was picked. */
const unpick = (id: string): void => {
  goTo({ page: 'flights' });
  document.querySelector<HTMLElement>(`tr[data-flight="${CSS.escape(id)}"] button`)?.focus();
};

export const FlightsPage = () => {
  const [words, setWords] = useState('');
  const [status, setStatus] = useState('');
  const picked = route.value.page === 'flights' ? route.value.id : undefined;
  const [tracking, setTracking] = useState(false);
  const all = flights.value;
  const shown = all.filter((flight) => matches(flight, words, status));
  const detail = all.find(({ flightId }) => flightId === picked);
  const online = connection.value?.link.value.state === 'online';
  return (
    <div class="column wide-column">
      <header class="page-head">
        <div>
          <h1>Flights</h1>
          <p class="quiet">
            Live in the same Y.Doc: <code>doc.getMap('flights')</code>
          </p>
        </div>
        <button type="button" class="primary" aria-expanded={tracking} onClick={() => setTracking(!tracking)}>
          <Icon name={tracking ? 'close' : 'plus'} /> Track a flight
        </button>
      </header>
      {tracking && <TrackForm onTracked={() => setTracking(false)} />}
      <search class="filters">
        <input
          type="search"
          aria-label="Filter by number, city, airport or gate"
          placeholder="Number, city, airport, gate"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <select aria-label="Filter by status" value={status} onChange={(event) => setStatus(event.currentTarget.value)}>
          <option value="">Any status</option>
          {statuses.map((value) => (
            <option key={value} value={value}>
              {statusWords(value)}
            </option>
          ))}
        </select>
        <span class="quiet" role="status">
          {shown.length === all.length ? `${all.length} flights` : `${shown.length} of ${all.length} flights`}
        </span>
      </search>
      <div class="board-place">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
        <section class="board" aria-label="Flight board" tabIndex={0}>
          <table>
            <caption>
              <div class="board-head">
                <span>
                  <Icon name="plane" /> Departures
                </span>
                <BoardClock />
              </div>
            </caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Flight</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Gate</th>
                <th scope="col">Delay</th>
                <th scope="col">Status</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((flight) => (
                <BoardRow
                  key={flight.flightId}
                  flight={flight}
                  picked={flight.flightId === picked}
                  onPick={() => pick(flight.flightId)}
                />
              ))}
            </tbody>
          </table>
          {shown.length === 0 && (
            <p class="board-empty">
              {all.length > 0
                ? 'No flight matches.'
                : online
                  ? 'No flights are tracked. Track one above.'
                  : 'Waiting for the server…'}
            </p>
          )}
        </section>
        {detail && <FlightDetail flight={detail} onClose={() => unpick(detail.flightId)} />}
      </div>
    </div>
  );
};
