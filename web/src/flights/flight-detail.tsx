// One flight: what is known of it, its history, and what a person may do about it.

import { useEffect, useRef, useState } from 'preact/hooks';
import {
  designator,
  type Flight,
  type FlightUpdate,
  flightHistory,
  statusWords,
  stopFlight,
  updateFlight,
} from '../model/flights.js';
import { describeError } from '../model/rest.js';
import { ago, clockTime } from '../model/time.js';
import { Icon } from '../shell/icons.js';
import { WatchButton } from './watch-button.js';

const Fact = ({ name, value }: { readonly name: string; readonly value: string | undefined }) =>
  value === undefined ? null : (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );

interface FlightDetailProps {
  readonly flight: Flight;
  readonly onClose: () => void;
}

/** Said by other fields, or of no interest to travellers. */
const hidden = new Set([
  'flightId',
  'phase',
  'sourceUpdatedAt',
  'isDelayed',
  'overrides',
  'carrierCode',
  'flightNumber',
  'source',
  'stale',
]);
const isTime = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value);
const show = (value: unknown): string =>
  value === null || value === undefined
    ? '–'
    : isTime(value)
      ? clockTime(value)
      : typeof value === 'string'
        ? value
        : JSON.stringify(value);
const name = (field: string): string => field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export const FlightDetail = ({ flight, onClose }: FlightDetailProps) => {
  const [updates, setUpdates] = useState<readonly FlightUpdate[] | null>(null);
  const [fault, setFault] = useState('');
  const [gate, setGate] = useState(flight.gate ?? '');
  const { flightId } = flight;
  const place = useRef<HTMLElement>(null);
  // On a narrow screen it stands below the board, where nobody would look for it.
  useEffect(() => {
    place.current?.focus({ preventScroll: true });
    place.current?.scrollIntoView({ block: 'nearest' });
  }, [flightId]);
  // Whatever changes in the record is a new entry of its history.
  const fingerprint = JSON.stringify(flight);
  useEffect(() => {
    flightHistory(flightId).then(
      (list) => setUpdates([...list].reverse()),
      (error: unknown) => setFault(describeError(error)),
    );
  }, [flightId, fingerprint]);
  useEffect(() => setGate(flight.gate ?? ''), [flightId, flight.gate]);
  const attempt = (work: Promise<unknown>): void => {
    work.then(
      () => setFault(''),
      (error: unknown) => setFault(describeError(error)),
    );
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    attempt(updateFlight(flightId, { gate: gate.trim() }));
  };
  return (
    <aside
      class="flight-detail"
      aria-label={`Flight ${designator(flight)}`}
      tabIndex={-1}
      ref={place}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <header>
        <h2>{designator(flight)}</h2>
        <span class={`status status-${flight.status}`}>{statusWords(flight.status)}</span>
        <button type="button" class="bare" onClick={onClose} aria-label="Close">
          <Icon name="close" />
        </button>
      </header>
      <p class="route">
        <strong>{flight.departureAirport ?? flight.departureCity}</strong>
        <Icon name="plane" />
        <strong>{flight.arrivalAirport ?? flight.arrivalCity}</strong>
      </p>
      <dl>
        <dt>Departs</dt>
        <dd>
          {clockTime(flight.actualDeparture ?? flight.estimatedDeparture ?? flight.scheduledDeparture)}
          <span class="quiet"> scheduled {clockTime(flight.scheduledDeparture)}</span>
        </dd>
        <dt>Arrives</dt>
        <dd>
          {clockTime(flight.actualArrival ?? flight.estimatedArrival ?? flight.scheduledArrival)}
          <span class="quiet"> scheduled {clockTime(flight.scheduledArrival)}</span>
        </dd>
        <dt>Delay</dt>
        <dd>{flight.delayMinutes ? `${flight.delayMinutes} min` : 'none'}</dd>
        <Fact name="Terminal" value={flight.terminal} />
        <Fact name="Aircraft" value={flight.aircraft} />
        <Fact name="Arrival gate" value={flight.arrivalGate} />
        <Fact name="Baggage belt" value={flight.baggageBelt} />
        <Fact name="Reason" value={flight.phaseReason} />
        <dt>Source</dt>
        <dd>{flight.source}</dd>
      </dl>
      <WatchButton flightId={flightId} attempt={attempt} />
      <form class="inline-form" onSubmit={submit}>
        <label class="field">
          <span>Gate</span>
          <input value={gate} maxLength={8} required onInput={(event) => setGate(event.currentTarget.value)} />
        </label>
        <button type="submit">Change</button>
        <button type="button" disabled={flight.tracking !== 'active'} onClick={() => attempt(stopFlight(flightId))}>
          Stop tracking
        </button>
      </form>
      <p class="fault" role="alert">
        {fault}
      </p>
      <h3>History</h3>
      <ol class="flight-history">
        {(updates ?? []).map(({ seq, at, actor, source, changes }) => (
          <li key={seq}>
            <p class="quiet">
              {ago(at)} · {source === 'manual' ? actor : source}
            </p>
            {Object.entries(changes)
              .filter(([field]) => !hidden.has(field))
              .map(([field, { from, to }]) => (
                <p key={field}>
                  {name(field)}: {from !== null && <s>{show(from)}</s>} {show(to)}
                </p>
              ))}
          </li>
        ))}
      </ol>
    </aside>
  );
};
