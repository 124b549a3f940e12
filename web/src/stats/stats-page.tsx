// What the server is doing, asked once a second.

import { useEffect, useState } from 'preact/hooks';
import { describeError } from '../model/rest.js';
import { listOnline, type OnlineUser, readStats, type Stats } from '../model/stats.js';
import { Chart } from './chart.js';
import { OnlinePeople } from './online-people.js';

interface Sample extends Stats {
  readonly at: number;
}

const sampleMs = 1_000;
const maxSamples = 90;
/** The charts' width at first: with a whole minute's width they would be empty for a newcomer. */
const minSpan = 15;

export const StatsPage = () => {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [people, setPeople] = useState<readonly OnlineUser[]>([]);
  const [fault, setFault] = useState('');
  useEffect(() => {
    const sample = (): void => {
      if (document.hidden) return;
      Promise.all([readStats(), listOnline()]).then(
        ([stats, online]) => {
          setPeople(online);
          setSamples((known) => [...known.slice(1 - maxSamples), { ...stats, at: performance.now() }]);
          setFault('');
        },
        (error: unknown) => setFault(describeError(error)),
      );
    };
    sample();
    const timer = setInterval(sample, sampleMs);
    return () => clearInterval(timer);
  }, []);
  const last = samples.at(-1);
  return (
    <div class="column wide-column">
      <header class="page-head">
        <div>
          <h1>Stats</h1>
          <p class="quiet">
            {last ? `Up for ${duration(last.uptimeSeconds)} · live, the last ${maxSamples} s` : 'Asking the server…'}
          </p>
        </div>
        {last && !last.log.writable && <p class="tag tag-bad">The log cannot be written</p>}
      </header>
      <p class="fault" role="alert">
        {fault}
      </p>
      {last && (
        <div class="cards">
          <Card
            title="Connections"
            value={last.connections}
            note={`${last.users} ${last.users === 1 ? 'person' : 'people'}`}
            values={samples.map((s) => s.connections)}
          />
          <Card
            title="Edits a second"
            value={Math.round(rates(samples).at(-1) ?? 0)}
            note={`${last.edits.toLocaleString()} since the start`}
            values={rates(samples)}
          />
          <Card
            title="Last commit"
            value={`${last.log.lastCommitMs.toFixed(1)} ms`}
            note={`${last.log.commits.toLocaleString()} commits, each synced to disk`}
            values={samples.map((s) => s.log.lastCommitMs)}
          />
          <Card
            title="Documents"
            value={last.documents.total}
            note={`${last.documents.open} open`}
            values={samples.map((s) => s.documents.open)}
          />
          <Card
            title="Flights"
            value={last.flights.active}
            note="tracked now"
            values={samples.map((s) => s.flights.active)}
          />
          <Card
            title="Notifications"
            value={last.notifications.total}
            note={`sent so far, ${last.notifications.unread.toLocaleString()} unread`}
            values={samples.map((s) => s.notifications.total)}
          />
          <Card
            title="Log"
            value={size(last.log.bytes + last.log.walBytes)}
            note={`${last.log.events.toLocaleString()} events since the start`}
            values={samples.map((s) => s.log.bytes + s.log.walBytes)}
          />
          <OnlinePeople people={people} />
        </div>
      )}
    </div>
  );
};

interface CardProps {
  readonly title: string;
  readonly value: number | string;
  readonly note: string;
  readonly values: readonly number[];
}

const Card = ({ title, value, note, values }: CardProps) => (
  <section class="card" aria-label={title}>
    <h2>{title}</h2>
    <p class="card-value">{typeof value === 'number' ? value.toLocaleString() : value}</p>
    <p class="quiet">{note}</p>
    <Chart
      values={values}
      span={Math.max(minSpan, values.length)}
      label={`${title} over the last ${values.length} seconds, now ${value}`}
    />
  </section>
);

/** Edits a second between neighbouring samples; a restart begins again at zero. */
const rates = (samples: readonly Sample[]): readonly number[] =>
  samples.slice(1).map((sample, index) => {
    const before = samples[index] ?? sample;
    return Math.max(0, ((sample.edits - before.edits) / Math.max(1, sample.at - before.at)) * 1000);
  });

const size = (bytes: number): string =>
  bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(0)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

const duration = (seconds: number): string => {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
};
