import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createFlights, type Flights, type FlightsOptions } from '../../src/flights/flights.js';
import type { FlightNotable } from '../../src/flights/notable.js';
import { createPushSource } from '../../src/flights/sources/push.js';
import { noReferenceData } from '../../src/flights/sources/reference-data.js';
import { createSimulator } from '../../src/flights/sources/simulator.js';
import type { Source } from '../../src/flights/sources/source.js';
import { SourceError } from '../../src/flights/sources/source.js';
import { ContrailError, type ErrorCode } from '../../src/model/errors.js';
import { parseUserId, systemActor, type UserId } from '../../src/model/ids.js';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.js';
import { createHarness, type Harness } from './harness.js';

const startMs = Date.UTC(2026, 10, 22, 6);
const minuteMs = 60_000;
const at = (minutes: number): string => new Date(startMs + minutes * minuteMs).toISOString();
const alice = parseUserId('alice') as UserId;
const leg = {
  carrierCode: 'DL',
  flightNumber: 'DL123',
  departureCity: 'Atlanta',
  arrivalCity: 'Los Angeles',
  departureAirport: 'ATL',
  arrivalAirport: 'LAX',
  scheduledDeparture: at(240),
  scheduledArrival: at(480),
};

interface Stage {
  readonly flights: Flights;
  readonly harness: Harness;
  readonly clock: VirtualClock;
  readonly faults: unknown[];
}

const stage = (options: Partial<FlightsOptions> & { harness?: Harness; clock?: VirtualClock } = {}): Stage => {
  const { harness = createHarness(), clock = createVirtualClock(startMs), ...rest } = options;
  const faults: unknown[] = [];
  const flights = createFlights({
    db: harness.db,
    log: harness.log,
    commit: harness.commit,
    clock,
    random: () => 0.5,
    sources: [createPushSource(clock)],
    config: { defaultSource: 'push', pollSeconds: 30, delayThresholdMinutes: 15, lingerMinutes: 120 },
    onFault: (_source, error) => faults.push(error),
    ...rest,
  });
  return { flights, harness, clock, faults };
};

const failsWith = async (code: ErrorCode, promise: Promise<unknown>): Promise<ContrailError> => {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, ContrailError);
    assert.is((error as ContrailError).code, code, (error as ContrailError).message);
    return error as ContrailError;
  }
  throw new Error(`nothing failed, ${code} was expected`);
};

/** What every board shows must be what the records say. */
const boardsAgree = ({ flights, harness }: Stage): void => {
  for (const [stream, entries] of harness.boards) {
    const shown = flights.board(stream.slice('board/'.length));
    assert.equal(
      Object.fromEntries(entries),
      Object.fromEntries(shown.map((flight) => [flight.flightId, flight])),
      stream,
    );
  }
};

test('a tracked flight is on the main board and on those named, under an id made from the leg', async () => {
  const set = stage();
  const { flight, created } = await set.flights.track({ ...leg, boards: ['tour-7'] }, alice);
  assert.is(created, true);
  assert.is(flight.flightId, '20261122-DL123-ATL-LAX');
  assert.is(flight.status, 'on-time');
  assert.is(flight.delayMinutes, null);
  assert.equal([...set.harness.boards.keys()], ['board/main', 'board/tour-7']);
  assert.is(set.flights.board(flight.flightId).length, 1);
  boardsAgree(set);
});

test('the same leg is tracked once, however often and however it is asked for', async () => {
  const { flights, harness } = stage();
  const answers = await Promise.all([
    flights.track(leg, alice),
    flights.track({ ...leg, flightNumber: '123' }, alice),
    flights.track({ ...leg, flightId: 'FL-001' }, alice),
    flights.track({ flightNumber: 'DL123' }, alice),
  ]);
  assert.equal(
    answers.map(({ created }) => created),
    [true, false, false, false],
  );
  assert.is(new Set(answers.map(({ flight }) => flight.flightId)).size, 1);
  assert.is(harness.events.length, 1);
});

test('another leg of the same number and day gets another id, and the bare number becomes ambiguous', async () => {
  const { flights } = stage();
  await flights.track(leg, alice);
  const later = { ...leg, scheduledDeparture: at(600), scheduledArrival: at(840) };
  const second = await flights.track(later, alice);
  assert.is(second.flight.flightId, '20261122-DL123-ATL-LAX-2');
  const error = await failsWith('ambiguous-flight', flights.track({ flightNumber: 'DL123' }, alice));
  const candidates = error.extra['candidates'] as readonly { flightId: string }[];
  assert.equal(
    candidates.map(({ flightId }) => flightId),
    ['20261122-DL123-ATL-LAX', '20261122-DL123-ATL-LAX-2'],
  );
  const exact = await flights.track({ flightNumber: 'DL123', scheduledDeparture: at(600) }, alice);
  assert.is(exact.flight.flightId, second.flight.flightId);
});

test('an id is never reused for another leg, and an unknown flight must be named in full', async () => {
  const { flights } = stage();
  await flights.track({ ...leg, flightId: 'FL-001' }, alice);
  await failsWith('already-exists', flights.track({ ...leg, flightNumber: 'DL9', flightId: 'FL-001' }, alice));
  const error = await failsWith('bad-request', flights.track({ flightNumber: 'DL77' }, alice));
  assert.equal(
    error.faults.map((fault) => fault.at),
    ['/departureCity', '/arrivalCity', '/scheduledDeparture', '/scheduledArrival'],
  );
  await failsWith('bad-request', flights.track({ ...leg, source: 'crystal-ball' }, alice));
  await failsWith('not-found', flights.stop('nobody', alice));
  assert.throws(() => flights.get('nobody'), /not-found/);
});

test('an illegal move by hand is refused with what is allowed; force is recorded with its reason', async () => {
  const { flights } = stage();
  await flights.track({ ...leg, flightId: 'F' }, alice);
  const error = await failsWith('illegal-move', flights.update('F', { phase: 'arrived' }, alice));
  assert.equal(error.extra, { from: 'scheduled', to: 'arrived', allowed: ['boarding', 'cancelled'] });
  assert.is((await flights.update('F', { phase: 'boarding' }, alice)).status, 'boarding');
  assert.is((await flights.update('F', { actualDeparture: at(241) }, alice)).status, 'departed');
  const back = await flights.update('F', { phase: 'scheduled' }, alice);
  assert.is(back.actualDeparture, undefined);
  await flights.update('F', { phase: 'arrived', force: true, reason: 'seen at the gate' }, alice);
  const { updates } = await flights.history('F');
  const last = updates.at(-1);
  assert.equal([last?.reason, last?.forced, last?.source, last?.actor], ['seen at the gate', true, 'manual', 'alice']);
  assert.equal(last?.changes['phase'], { from: 'scheduled', to: 'arrived' });
});

test('a manual value wins over the feed until it is cleared or its time is over', async () => {
  const set = stage();
  const { flights, clock } = set;
  await flights.track({ ...leg, flightId: 'F' }, alice);
  await flights.push('F', { gate: 'A1', terminal: '1' }, systemActor);
  await flights.update('F', { gate: 'B7' }, alice);
  await flights.update('F', { terminal: '9', until: at(10) }, alice);
  await flights.push('F', { gate: 'C3', observedAt: at(0.5) }, systemActor);
  assert.is(flights.get('F').gate, 'B7');
  assert.is((await flights.update('F', { gate: null }, alice)).gate, 'C3');
  assert.is(flights.get('F').terminal, '9');
  await clock.advance(11 * minuteMs);
  assert.is(flights.get('F').terminal, '1');
  assert.is(flights.get('F').overrides, undefined);
  assert.is((await flights.history('F')).updates.at(-1)?.source, 'clock');
  boardsAgree(set);
});

test('actual times by hand keep the order out, off, on, in', async () => {
  const { flights } = stage();
  await flights.track({ ...leg, flightId: 'F' }, alice);
  await flights.update('F', { actualDeparture: at(245) }, alice);
  const error = await failsWith('bad-request', flights.update('F', { actualOff: at(240) }, alice));
  assert.is(error.faults[0]?.at, '/actualOff');
});

test('late and repeated pushes change nothing and write nothing', async () => {
  const { flights, harness, clock } = stage();
  await flights.track({ ...leg, flightId: 'F' }, alice);
  await clock.advance(30 * minuteMs);
  await flights.push('F', { gate: 'A1', observedAt: at(10) }, systemActor);
  await flights.push('F', { gate: 'A1', observedAt: at(20) }, systemActor);
  const written = [harness.changes.length, harness.bytes()];
  await flights.watch('F', { add: [alice], remove: [] }, alice);
  await flights.push('F', { gate: 'B2', observedAt: at(15) }, systemActor);
  assert.is(flights.get('F').gate, 'A1');
  assert.is(harness.changes.length, (written[0] ?? 0) + 1);
  const record = await flights.push('F', { gate: 'B2', observedAt: at(25) }, systemActor);
  assert.is(record.gate, 'B2');
  assert.is(record.sourceUpdatedAt, at(25));
  assert.equal(Object.keys(harness.changes.at(-1)?.views[0]?.entries[0]?.fields ?? {}).sort(), [
    'gate',
    'sourceUpdatedAt',
  ]);
});

test('a flight that has not left is delayed by the clock alone', async () => {
  const set = stage();
  await set.flights.track({ ...leg, flightId: 'F' }, alice);
  await set.clock.advance(254 * minuteMs);
  assert.is(set.flights.get('F').status, 'on-time');
  await set.clock.advance(minuteMs);
  assert.is(set.flights.get('F').status, 'delayed');
  assert.is(set.flights.get('F').delayMinutes, null);
  boardsAgree(set);
});

test('a stopped flight leaves the boards after two hours and keeps its history; tracking it again brings it back', async () => {
  const set = stage();
  const { flights, clock, harness } = set;
  await flights.track({ ...leg, flightId: 'F' }, alice);
  assert.is((await flights.stop('F', alice)).tracking, 'stopped');
  await flights.stop('F', alice);
  assert.is(harness.events.length, 2);
  await clock.advance(119 * minuteMs);
  assert.is(harness.boards.get('board/main')?.size, 1);
  await clock.advance(minuteMs);
  assert.is(harness.boards.get('board/main')?.size, 0);
  assert.is(flights.get('F').tracking, 'stopped');
  assert.is((await flights.history('F')).updates.length, 2);
  const again = await flights.track(leg, alice);
  assert.equal([again.created, again.flight.flightId, again.flight.tracking], [false, 'F', 'active']);
  assert.is(harness.boards.get('board/main')?.size, 1);
  boardsAgree(set);
});

test('an arrived flight is completed after half an hour', async () => {
  const { flights, clock } = stage();
  await flights.track({ ...leg, flightId: 'F' }, alice);
  await clock.advance(480 * minuteMs);
  await flights.push('F', { actualDeparture: at(240), actualArrival: at(478) }, systemActor);
  await clock.advance(27 * minuteMs);
  assert.is(flights.get('F').tracking, 'active');
  await clock.advance(2 * minuteMs);
  assert.is(flights.get('F').tracking, 'completed');
  assert.equal(flights.count(), { active: 0, stopped: 0, completed: 1 });
});

test('watchers are told of status, gate and 15 minutes of delay, in the transaction of the change', async () => {
  const told: FlightNotable[] = [];
  const { flights, harness } = stage({
    notify: (notable) => {
      told.push(notable);
      const event = { kind: 'notified', actor: systemActor, at: notable.at, payload: null, meta: null } as const;
      return { events: [{ ...event, stream: 'inbox/alice' as never }], views: [] };
    },
  });
  await flights.track({ ...leg, flightId: 'F' }, alice);
  await flights.push('F', { gate: 'A1', observedAt: at(-9) }, systemActor);
  await flights.watch('F', { add: [alice], remove: [] }, alice);
  await flights.push('F', { gate: 'A2', observedAt: at(-8) }, systemActor);
  await flights.push('F', { estimatedDeparture: at(250), observedAt: at(-7) }, systemActor);
  await flights.push('F', { estimatedDeparture: at(260), observedAt: at(-6) }, systemActor);
  await flights.push('F', { estimatedDeparture: at(270), observedAt: at(-5) }, systemActor);
  await flights.push('F', { estimatedDeparture: at(276), observedAt: at(-4) }, systemActor);
  assert.equal(
    told.map(({ kind, from, to, priority, watchers }) => [kind, from, to, priority, ...watchers]),
    [
      ['gate', 'A1', 'A2', 'high', 'alice'],
      ['status', 'on-time', 'delayed', 'normal', 'alice'],
      ['delay', 20, 36, 'normal', 'alice'],
    ],
  );
  assert.equal(harness.changes.filter(({ events }) => events.length === 2).length, 3);
  assert.equal(flights.watchers('F'), ['alice']);
  const { updates } = await flights.history('F');
  assert.not.ok(JSON.stringify(updates).includes('watchers'));
});

test('changes of one flight never come between the reading and the commit of another', async () => {
  const { flights, harness } = stage();
  await flights.track({ ...leg, flightId: 'F' }, alice);
  let committing = 0;
  harness.before = async () => {
    committing += 1;
    assert.is(committing, 1, 'two commits of one flight at once');
    await new Promise((resolve) => setImmediate(resolve));
    committing -= 1;
  };
  const gates = Array.from({ length: 20 }, (_, index) => `G${index}`);
  await Promise.all(gates.map((gate) => flights.update('F', { gate }, alice)));
  assert.is(flights.get('F').gate, 'G19');
  assert.is((await flights.history('F')).updates.length, 21);
});

test('a conflict with another writer begins anew from what is there then', async () => {
  const { flights, harness } = stage();
  await flights.track({ ...leg, flightId: 'F' }, alice);
  let fresh = true;
  harness.before = async (change) => {
    if (!fresh) return;
    fresh = false;
    const event = { ...(change.events[0] as (typeof change.events)[number]), kind: 'watched' as const };
    await harness.commit({ events: [{ ...event, payload: Buffer.from('{"add":["bob"]}') }], views: [] });
  };
  assert.is((await flights.update('F', { gate: 'A1' }, alice)).gate, 'A1');
  assert.equal(flights.watchers('F'), ['bob']);
  harness.before = async () => {
    throw new ContrailError('log-unavailable', 'the disk is full');
  };
  await failsWith('log-unavailable', flights.update('F', { gate: 'A2' }, alice));
  assert.is(flights.get('F').gate, 'A1');
});

test('history pages without repeats or gaps and says what changed', async () => {
  const { flights } = stage();
  await flights.track({ ...leg, flightId: 'F' }, alice);
  for (let index = 1; index <= 5; index += 1) await flights.update('F', { gate: `G${index}` }, alice);
  const seqs: number[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page = await flights.history('F', { after, limit: 2 });
    seqs.push(...page.updates.map(({ seq }) => seq));
    after = page.next;
  }
  assert.equal(seqs, [1, 2, 3, 4, 5, 6]);
  const [update] = (await flights.history('F', { after: 2, limit: 1 })).updates;
  assert.equal(update?.changes['gate'], { from: 'G1', to: 'G2' });
  assert.is(update?.flight.gate, 'G2');
});

test('after a restart records, boards, history and pollers are as before, from the log alone', async () => {
  const clock = createVirtualClock(startMs);
  const source: Source = {
    ...createPushSource(clock),
    name: 'feed',
    capabilities: { polled: true, positions: false, speed: 1 },
    fetch: async () => ({ kind: 'snapshot', snapshot: { observedAt: clock.now(), values: { gate: 'A1' } } }),
  };
  const config = { defaultSource: 'feed', pollSeconds: 30, delayThresholdMinutes: 20, lingerMinutes: 120 };
  const first = stage({ clock, sources: [source], config });
  for (const number of ['DL1', 'DL2', 'DL3'])
    await first.flights.track({ ...leg, flightNumber: number, flightId: number, boards: [`b-${number}`] }, alice);
  await clock.advance(20 * minuteMs);
  await first.flights.stop('DL3', alice);
  await first.flights.update('DL2', { gate: 'Z9', until: at(60) }, alice);
  await first.flights.close();
  const requests = first.flights.polling().requests['feed'];

  const harness = first.harness.rebuilt();
  assert.equal(harness.tables(), first.harness.tables());
  const second = stage({ clock, harness, sources: [source], config });
  second.flights.start();
  for (const id of ['DL1', 'DL2', 'DL3']) {
    assert.equal(second.flights.get(id), first.flights.get(id));
    assert.equal(await second.flights.history(id), await first.flights.history(id));
  }
  assert.equal(
    second.flights.active().map(({ flightId }) => flightId),
    ['DL1', 'DL2'],
  );
  assert.equal(second.flights.polling(), { flightIds: ['DL1', 'DL2'], requests: { feed: 0 } });
  await clock.advance(45 * minuteMs);
  assert.ok((second.flights.polling().requests['feed'] ?? 0) > 10);
  assert.is(first.flights.polling().requests['feed'], requests);
  assert.is(second.flights.get('DL2').gate, 'A1');
  await clock.advance(120 * minuteMs);
  assert.equal(
    second.flights.board('main').map(({ flightId }) => flightId),
    ['DL1', 'DL2'],
  );
  await second.flights.close();
});

test('a demonstration at many times the speed runs a whole flight in minutes', async () => {
  const clock = createVirtualClock(startMs);
  const simulator = createSimulator({ seed: 's', clock, reference: noReferenceData, speed: 120, epochMs: startMs });
  const config = { defaultSource: 'simulator', pollSeconds: 30, delayThresholdMinutes: 15, lingerMinutes: 120 };
  const set = stage({ clock, sources: [simulator], config });
  const places = { departureCity: 'Atlanta', arrivalCity: 'Paris' };
  const { flight } = await set.flights.track({ flightNumber: 'DL5', ...places }, alice);
  assert.is(flight.flightId, '20261122-DL5-ATLANTA-PARIS');
  await clock.advance(6 * minuteMs);
  const seen = (await set.flights.history(flight.flightId)).updates.map((update) => update.flight.phase);
  assert.equal([...new Set(seen)], ['scheduled', 'boarding', 'departed', 'arrived']);
  assert.is(set.flights.get(flight.flightId).tracking, 'completed');
  boardsAgree(set);
  assert.equal(set.faults, []);
});

test('a source that cannot be asked makes a bare number wait, not fail for good', async () => {
  const clock = createVirtualClock(startMs);
  const search = async () => {
    throw new SourceError('unavailable', 'down');
  };
  const { flights } = stage({ clock, sources: [{ ...createPushSource(clock), search }] });
  await failsWith('overloaded', flights.track({ flightNumber: 'DL5' }, alice));
});

test.run();
