// The flights' accessors for applications, on a Y.Doc as a connection leaves it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { type Flight, type FlightChange, flightsOf, observeFlights } from '../../src/client/flights.js';
import type { Flight as ServerFlight } from '../../src/flights/flight.js';

/** These fail to compile when the server's record is not what applications are told of. */
export const shown = (flight: ServerFlight): Flight => flight;
export const sameFields = (fields: Record<keyof Flight, true>): Record<keyof ServerFlight, true> => fields;

const record = (gate: string) => ({
  flightId: 'FL-1',
  carrierCode: 'DL',
  gate,
  status: 'on-time',
  codeshares: ['AF1'],
});
const put = (doc: Y.Doc, root: string, id: string, fields: object): Y.Map<unknown> => {
  const entry = new Y.Map(Object.entries(fields));
  doc.getMap<Y.Map<unknown>>(root).set(id, entry);
  return entry;
};

test('flights are read by board', () => {
  const doc = new Y.Doc();
  put(doc, 'flights', 'FL-1', record('A1'));
  put(doc, 'flights:tour', 'FL-2', record('T1'));
  assert.is(flightsOf(doc).get('FL-1')?.gate, 'A1');
  assert.equal([...flightsOf(doc, 'tour').keys()], ['FL-2']);
  assert.is(flightsOf(doc, 'main').size, 1);
  assert.is(flightsOf(doc, 'none').size, 0);
});

test('an observer is told which flights came, went and changed, and in which fields', () => {
  const doc = new Y.Doc();
  const seen: (readonly FlightChange[])[] = [];
  const end = observeFlights(doc, (changes) => seen.push(changes));
  const entry = put(doc, 'flights', 'FL-1', record('A1'));
  doc.transact(() => {
    entry.set('gate', 'B2');
    entry.set('status', 'delayed');
    entry.delete('codeshares');
    entry.set('carrierCode', 'DL');
  });
  doc.getMap('flights').delete('FL-1');
  end();
  put(doc, 'flights', 'FL-2', record('A1'));
  assert.equal(
    seen.map((changes) => changes.map(({ kind, flightId }) => `${kind} ${flightId}`)),
    [['added FL-1'], ['changed FL-1'], ['removed FL-1']],
  );
  const [change] = seen[1] ?? [];
  assert.equal(change?.kind === 'changed' && [...change.fields].sort(), ['codeshares', 'gate', 'status']);
  assert.is(change?.kind === 'changed' && change.before.gate, 'A1');
});

test('a board that is written afresh with the same values is no change', () => {
  const doc = new Y.Doc();
  put(doc, 'flights', 'FL-1', record('A1'));
  const seen: unknown[] = [];
  observeFlights(doc, (changes) => seen.push(changes));
  put(doc, 'flights', 'FL-1', record('A1'));
  assert.equal(seen, []);
});

test.run();
