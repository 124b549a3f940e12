// The slider over a document's events, with a play button, and above it a strip that shows who was at work when.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventInfo } from '../model/documents.js';
import { fullTime } from '../model/time.js';
import { Icon } from '../shell/icons.js';

interface TimelineProps {
  readonly head: number;
  readonly seq: number;
  /** The earlier end while two moments are compared. */
  readonly from: number | null;
  readonly events: readonly EventInfo[];
  readonly colours: ReadonlyMap<string, string>;
  /** The state of `seq` is on the screen: the next may come. */
  readonly shown: boolean;
  readonly onSeq: (seq: number) => void;
  readonly onFrom: (seq: number) => void;
}

const playSteps = 80;
const stepMs = 90;

export const Timeline = ({ head, seq, from, events, colours, shown, onSeq, onFrom }: TimelineProps) => {
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing || !shown) return;
    if (seq >= head) return setPlaying(false);
    const timer = setTimeout(() => onSeq(Math.min(head, seq + Math.max(1, Math.round(head / playSteps)))), stepMs);
    return () => clearTimeout(timer);
  }, [playing, shown, seq, head]);
  const play = (): void => {
    if (!playing && seq >= head) onSeq(1);
    setPlaying(!playing);
  };
  const event = events[seq - 1];
  const moment = event ? `${fullTime(event.at)} · ${event.actor} · ${kindWords[event.kind] ?? event.kind}` : '';
  return (
    <section class="timeline" aria-label="Timeline">
      <button type="button" class="primary round" onClick={play} aria-label={playing ? 'Pause' : 'Play the history'}>
        <Icon name={playing ? 'pause' : 'play'} />
      </button>
      <div class="timeline-track">
        <Strip head={head} events={events} colours={colours} />
        {from !== null && (
          <label class="slider">
            <span class="sr">Compare from</span>
            <input
              type="range"
              class="slider-from"
              min={1}
              max={head}
              value={from}
              aria-valuetext={events[from - 1] ? fullTime(events[from - 1]?.at ?? '') : String(from)}
              onInput={(input) => onFrom(Math.min(seq, input.currentTarget.valueAsNumber))}
            />
          </label>
        )}
        <label class="slider">
          <span class="sr">Moment in the history</span>
          <input
            type="range"
            min={1}
            max={head}
            value={seq}
            aria-valuetext={moment || `event ${seq} of ${head}`}
            onInput={(input) => {
              setPlaying(false);
              onSeq(input.currentTarget.valueAsNumber);
            }}
          />
        </label>
        <p class="timeline-words">
          <span>{moment}</span>
          <span class="quiet">
            {seq} of {head}
          </span>
        </p>
      </div>
    </section>
  );
};

const kindWords: Readonly<Record<string, string>> = {
  created: 'created the document',
  edit: 'edited',
  undo: 'undid a step',
  redo: 'redid a step',
  restored: 'restored an earlier state',
  version: 'named a version',
  renamed: 'renamed it',
  shared: 'shared it',
  unshared: 'stopped sharing',
  locked: 'locked it',
  unlocked: 'unlocked it',
};

const stripHeight = 28;

/** Each column is a slice of the events: its height says how many bytes, its colour who wrote most of them. */
const Strip = ({ head, events, colours }: Pick<TimelineProps, 'head' | 'events' | 'colours'>) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!canvas.current || !context) return;
    const width = canvas.current.clientWidth;
    const scale = devicePixelRatio;
    canvas.current.width = width * scale;
    canvas.current.height = stripHeight * scale;
    context.scale(scale, scale);
    const count = Math.max(1, Math.min(Math.floor(width / 4), head));
    const columns = Array.from({ length: count }, () => new Map<string, number>());
    for (const { seq, actor, bytes } of events) {
      const column = columns[Math.min(count - 1, Math.floor(((seq - 1) / head) * count))];
      column?.set(actor, (column.get(actor) ?? 0) + Math.sqrt(bytes));
    }
    const sums = columns.map((column) => [...column.values()].reduce((sum, value) => sum + value, 0));
    const tallest = Math.max(1, ...sums);
    const step = width / count;
    for (const [index, column] of columns.entries()) {
      const [actor] = [...column].sort((a, b) => b[1] - a[1])[0] ?? [''];
      const height = Math.max(2, ((sums[index] ?? 0) / tallest) * stripHeight);
      context.fillStyle = colours.get(actor) ?? '#8a93a0';
      context.fillRect(index * step, stripHeight - height, Math.max(1, step - 1), height);
    }
  }, [head, events, colours]);
  return <canvas class="strip" ref={canvas} />;
};
