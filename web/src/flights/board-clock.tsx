// The time on the board: that of the flights, which a simulation may let run faster than the clock on the wall.

import { useEffect, useState } from 'preact/hooks';
import { readStats } from '../model/stats.js';
import { clockTime } from '../model/time.js';
import { Icon } from '../shell/icons.js';

interface Reading {
  readonly at: number;
  readonly source: number;
}

const firstMs = 2_000;
const againMs = 30_000;
const tickMs = 1_000;
const noticeable = 1.5;

/** Readings of the source's time, the latest two; none while the server does not answer. */
const useReadings = (): readonly Reading[] => {
  const [readings, setReadings] = useState<readonly Reading[]>([]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let count = 0;
    let over = false;
    const read = (): void => {
      readStats()
        .then(
          ({ flights }) => {
            count += 1;
            const reading = { at: performance.now(), source: Date.parse(flights.sourceTime) };
            setReadings((known) => [...known.slice(-1), reading]);
          },
          () => setReadings([]),
        )
        .finally(() => {
          if (!over) timer = setTimeout(read, count < 2 ? firstMs : againMs);
        });
    };
    read();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return readings;
};

export const BoardClock = () => {
  const readings = useReadings();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), tickMs);
    return () => clearInterval(timer);
  }, []);
  const [before, last] = [readings.at(-2), readings.at(-1)];
  if (!last) return null;
  const speed = before ? (last.source - before.source) / Math.max(1, last.at - before.at) : 1;
  const now = last.source + (performance.now() - last.at) * speed;
  return (
    <span class="board-clock">
      {speed > noticeable && <span class="board-speed">simulated, {Math.round(speed)} × as fast</span>}
      <Icon name="clock" size={17} />
      <time dateTime={new Date(now).toISOString()}>{clockTime(new Date(now).toISOString())}</time>
    </span>
  );
};
