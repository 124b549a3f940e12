// A person as a coloured disc with initials.

import { colourOf, initialsOf } from '../model/colours.js';

interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly away?: boolean;
  readonly typing?: boolean;
}

export const Avatar = ({ id, name, away = false, typing = false }: AvatarProps) => (
  <span
    class={`avatar${away ? ' avatar-away' : ''}${typing ? ' avatar-typing' : ''}`}
    style={{ background: colourOf(id) }}
    title={`${name}${away ? ' (away)' : typing ? ' (typing)' : ''}`}
    aria-hidden="true"
  >
    {initialsOf(name)}
  </span>
);
