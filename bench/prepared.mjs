// A typed-in history kept from one run to the next (`--prepared DIR`), since typing 260,000 events in takes minutes that nobody measures.
// Contrail's alone; it is kept as the server has left it after its end.

import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const placeOf = ({ prepared, events, seed }, target) => join(prepared, `${target.name}-${events}-${seed}`);

/** Copies a kept database into `dir`; `false` where there is none. */
export const takePrepared = (settings, target, dir) => {
  if (settings.prepared === null) return false;
  const place = placeOf(settings, target);
  if (!existsSync(place)) return false;
  cpSync(place, dir, { recursive: true });
  return true;
};

/** Keeps `dir`, whose server has ended. */
export const keepPrepared = (settings, target, dir) => {
  if (settings.prepared === null) return;
  const place = placeOf(settings, target);
  rmSync(place, { recursive: true, force: true });
  cpSync(dir, place, { recursive: true });
};
