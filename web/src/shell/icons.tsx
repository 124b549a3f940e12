// The few pictures of the interface, drawn as strokes in the colour of the text.

const paths = {
  plus: 'M12 5v14M5 12h14',
  link: 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.700-5.700l-1.500 1.500M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.700 5.700l1.500-1.500',
  pencil: 'M4 20h4L19 9a2.800 2.800 0 0 0-4-4L4 16v4z',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l1.500 2h-15L6 16zM10 21h4',
  switch: 'M4 8h13l-3-3M20 16H7l3 3',
  lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
  unlock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 6.800-1.200',
  undo: 'M8 5 4 9l4 4M4 9h10a5.500 5.500 0 0 1 0 11h-3',
  redo: 'm16 5 4 4-4 4M20 9H10a5.500 5.500 0 0 0 0 11h3',
  server: 'M4 5h16v6H4zM4 13h16v6H4zM8 8h.01M8 16h.01',
  play: 'M8 5v14l11-7z',
  pause: 'M8 5v14M16 5v14',
  flag: 'M6 21V4h11l-2 4 2 4H6',
  close: 'm6 6 12 12M18 6 6 18',
  check: 'm5 13 4 4L19 7',
  offline: 'M4 4l16 16M8.500 15.500a5 5 0 0 1 7 0M5.500 12a9 9 0 0 1 4-2.300M18.500 12a9 9 0 0 0-4.500-2.500M12 19h.01',
  plane:
    'M21 4c-1.200-.7-2.600-.1-3.500.8L14.800 7.500 8 5.800 6.500 7.300l5.500 2.900-2.600 2.600-2-.2-1 1 2.900 1.500 1.500 2.900 1-1-.2-2 2.600-2.600 2.900 5.500 1.500-1.500-1.700-6.800 2.700-2.700C20.600 6 21.600 5 21 4z',
  code: 'm8 7-5 5 5 5M16 7l5 5-5 5',
  list: 'M9 6h11M9 12h11M9 18h11M4.500 6h.01M4.500 12h.01M4.500 18h.01',
  numbers:
    'M10 6h10M10 12h10M10 18h10M4 5l1.500-1v5M4 15.500c.3-.8 2.500-1.200 2.500.3 0 1-2.500 2.200-2.500 3.200h2.700',
  quote: 'M5 12c0-3.500 1.500-5.500 4-6M5 12h4v6H5zM14 12c0-3.500 1.500-5.500 4-6M14 12h4v6h-4z',
  people:
    'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 4.300a3.500 3.500 0 0 1 0 6.500M18 14.500c2 .8 3.200 2.700 3.500 5.500',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2',
  window: 'M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9',
  send: 'M4 12 20 4l-6 16-3-7z',
} as const;
export type IconName = keyof typeof paths;

export const Icon = ({ name, size = 18 }: { name: IconName; size?: number }) => (
  <svg class={`icon icon-${name}`} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
);

export const Logo = ({ size }: { size: number }) => (
  <img class="logo" src="/favicon.svg" width={size} height={size} alt="" />
);
