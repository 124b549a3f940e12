// Who wrote how much of the text on the screen; picking somebody fades the others.

import { initialsOf } from '../model/colours.js';
import type { Snapshot } from './snapshots.js';

interface LegendProps {
  readonly actors: readonly string[];
  readonly colours: ReadonlyMap<string, string>;
  readonly snapshot: Snapshot | null;
  readonly only: string | null;
  readonly onOnly: (actor: string | null) => void;
}

export const Legend = ({ actors, colours, snapshot, only, onOnly }: LegendProps) => {
  const lengths = new Map<string, number>();
  for (const { actor, text } of snapshot?.runs ?? []) lengths.set(actor, (lengths.get(actor) ?? 0) + text.length);
  const total = [...lengths.values()].reduce((sum, length) => sum + length, 0);
  return (
    <section class="side-section" aria-label="Authors">
      <h2>Authors</h2>
      <ul class="legend">
        {actors.map((actor) => {
          const share = total === 0 ? 0 : Math.round(((lengths.get(actor) ?? 0) / total) * 100);
          return (
            <li key={actor}>
              <button
                type="button"
                class="legend-entry"
                aria-pressed={only === actor}
                onClick={() => onOnly(only === actor ? null : actor)}
              >
                <span class="avatar small" style={{ background: colours.get(actor) ?? '' }} aria-hidden="true">
                  {initialsOf(actor)}
                </span>
                <span class="legend-name">{actor}</span>
                <span class="quiet">{share} %</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
};
