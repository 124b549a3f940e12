// Where one is, where one can go, and who one is.

import { useRef } from 'preact/hooks';
import { Bell } from '../inbox/bell.js';
import { leave, person } from '../model/identity.js';
import { linkTo, type Route, route } from '../model/route.js';
import { Avatar } from './avatar.js';
import { useDismiss, useToggle } from './disclosure.js';
import { Icon, Logo } from './icons.js';
import { SecondWindow } from './second-window.js';
import { setTheme, theme } from './theme.js';

const pages = [
  ['documents', 'Documents'],
  ['flights', 'Flights'],
  ['stats', 'Stats'],
] as const;

export const TopBar = ({ page }: { page: Route['page'] }) => (
  <header class="top-bar">
    <a class="brand" href={linkTo({ page: 'documents' })} aria-label="Contrail, to the documents">
      <Logo size={28} />
      <span>Contrail</span>
    </a>
    <nav aria-label="Pages">
      {pages.map(([target, label]) => {
        const here = target === page || (target === 'documents' && page === 'document');
        return (
          <a key={target} href={linkTo({ page: target })} aria-current={here ? 'page' : undefined}>
            {label}
          </a>
        );
      })}
    </nav>
    <Bell />
    <PersonMenu />
  </header>
);

const PersonMenu = () => {
  const [open, toggle] = useToggle();
  const root = useRef<HTMLDivElement>(null);
  useDismiss(root, open, toggle);
  const who = person.value;
  if (!who) return null;
  return (
    <div class="menu" ref={root}>
      <button
        type="button"
        class="bare"
        aria-expanded={open}
        aria-label={`You are ${who.name}: settings`}
        onClick={() => toggle()}
      >
        <Avatar id={who.id} name={who.name} />
      </button>
      {open && (
        <div class="panel menu-panel">
          <p class="menu-who">
            <strong>{who.name}</strong>
            <span class="quiet">{who.id}</span>
          </p>
          <fieldset class="segmented" aria-label="Colours">
            {(['system', 'light', 'dark'] as const).map((choice) => (
              <button key={choice} type="button" aria-pressed={theme.value === choice} onClick={() => setTheme(choice)}>
                {choice}
              </button>
            ))}
          </fieldset>
          <SecondWindow at={route.value} class="button menu-item" />
          <button type="button" class="menu-item" onClick={leave}>
            <Icon name="switch" /> Be somebody else
          </button>
        </div>
      )}
    </div>
  );
};
