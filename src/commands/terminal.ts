// What a command says and to whom: lines for people, or with `--json` one JSON object a line; how far it is, to people at a terminal as a
// bar, and never in between what a command writes as its result.

import type { JsonObject } from '../model/json.js';

export interface Terminal {
  /** Something to know: the line for people, the record for programs. */
  report(line: string, record: JsonObject): void;
  /** How far the work is, in parts of 1, and what it does there. */
  progress(part: number, doing: string): void;
  /** A part of the result itself, as it is. Resolves when it has left, so that a slow reader slows the command. */
  write(data: string | Uint8Array): Promise<void>;
}

export interface TerminalStreams {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

const barCells = 24;
const barIntervalMs = 80;
const recordIntervalMs = 1_000;

/** `dataOnOut`: the result itself goes to stdout, so everything else goes to stderr. */
export const createTerminal = (
  { out, err }: TerminalStreams,
  { json, dataOnOut }: { readonly json: boolean; readonly dataOnOut: boolean },
): Terminal => {
  const said = dataOnOut ? err : out;
  let barShown = false;
  let lastShownAt = Number.NEGATIVE_INFINITY;
  const clearBar = (): void => {
    if (barShown) err.write('\r\u001b[K');
    barShown = false;
  };
  const isDue = (part: number, intervalMs: number): boolean => {
    const now = performance.now();
    if (part < 1 && now - lastShownAt < intervalMs) return false;
    lastShownAt = now;
    return true;
  };
  return {
    report(line, record) {
      clearBar();
      said.write(json ? `${JSON.stringify(record)}\n` : `${line}\n`);
    },
    progress(part, doing) {
      if (json) {
        if (isDue(part, recordIntervalMs)) said.write(`${JSON.stringify({ type: 'progress', part, doing })}\n`);
        return;
      }
      if (err.isTTY !== true || !isDue(part, barIntervalMs)) return;
      clearBar();
      if (part >= 1) return;
      const cells = Math.round(part * barCells);
      const bar = `${'█'.repeat(cells)}${'░'.repeat(barCells - cells)} ${String(Math.floor(part * 100)).padStart(3)} % ${doing}`;
      err.write(bar.slice(0, (err.columns ?? 80) - 1));
      barShown = true;
    },
    write(data) {
      clearBar();
      return new Promise((resolve, reject) => {
        out.write(data, (error) => (error ? reject(error) : resolve()));
      });
    },
  };
};
