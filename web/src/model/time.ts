// Times as people read them.

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export const ago = (time: string, now = Date.now()): string => {
  const seconds = (Date.parse(time) - now) / 1000;
  for (const [unit, length] of steps)
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  return seconds > -10 && seconds < 10 ? 'just now' : relative.format(Math.trunc(seconds), 'second');
};

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });

export const clockTime = (time: string | undefined): string => (time ? clock.format(new Date(time)) : '');
export const fullTime = (time: string): string => moment.format(new Date(time));
