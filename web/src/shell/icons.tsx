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
