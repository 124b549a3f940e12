// Begins to track a flight; what is left open, the source fills in.

import { useState } from 'preact/hooks';
import { trackFlight } from '../model/flights.js';
import { describeError } from '../model/rest.js';

export const TrackForm = ({ onTracked }: { onTracked: () => void }) => {
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    const body: Record<string, string> = {};
    for (const field of ['flightNumber', 'departureAirport', 'arrivalAirport']) {
      const value = String(form.get(field) ?? '')
        .replace(/\s+/g, '')
        .toUpperCase();
      if (value !== '') body[field] = value;
    }
    setBusy(true);
    trackFlight(body)
      .then(onTracked, (error: unknown) => setFault(describeError(error)))
      .finally(() => setBusy(false));
  };
  return (
    <form class="track-form" onSubmit={submit} aria-label="Track a flight">
      <label class="field">
        <span>Flight</span>
        <input name="flightNumber" placeholder="DL 123" required maxLength={10} autocomplete="off" />
      </label>
      <label class="field">
        <span>From (optional)</span>
        <input name="departureAirport" placeholder="ATL" maxLength={3} autocomplete="off" />
      </label>
      <label class="field">
        <span>To (optional)</span>
        <input name="arrivalAirport" placeholder="LAX" maxLength={3} autocomplete="off" />
      </label>
      <button class="primary" type="submit" disabled={busy}>
        Track
      </button>
      <p class="fault" role="alert">
        {fault}
      </p>
    </form>
  );
};
