// The quickest way to see two people at work: another window of this page, as somebody else.

import { examplePeople, person } from '../model/identity.js';
import { linkTo, type Route } from '../model/route.js';
import { Icon } from './icons.js';

/** Who else one could be, where names are taken as given; nobody where a token says who one is. */
const othersThan = (who: { readonly id: string; readonly token: string | null } | null): readonly string[] =>
  who === null || who.token !== null ? [] : examplePeople.filter((name) => name !== who.id);

export const SecondWindow = ({ at, class: look = 'button' }: { at: Route; class?: string }) => {
  const [other] = othersThan(person.value);
  if (other === undefined) return null;
  return (
    <a class={look} href={`${location.pathname}?user=${other}${linkTo(at)}`} target="_blank" rel="noopener noreferrer">
      <Icon name="window" /> Second window as {other}
    </a>
  );
};
