// Who is connected now, and in which documents.

import { colourOf, initialsOf } from '../model/colours.js';
import { linkTo } from '../model/route.js';
import { isLobby } from '../model/session.js';
import type { OnlineUser } from '../model/stats.js';

export const OnlinePeople = ({ people }: { people: readonly OnlineUser[] }) => (
  <section class="card online" aria-label="Online now">
    <h2>Online now</h2>
    <ul>
      {people.map(({ userId, name, status, documents }) => (
        <li key={userId}>
          <span
            class={`avatar${status === 'away' ? ' avatar-away' : ''}`}
            style={{ background: colourOf(userId) }}
            aria-hidden="true"
          >
            {initialsOf(name ?? userId)}
          </span>
          <strong>{name ?? userId}</strong>
          {status === 'away' && <span class="tag">away</span>}
          <span class="quiet">
            {documents
              .filter((id) => !isLobby(id))
              .map((id, index) => (
                <span key={id}>
                  {index > 0 && ', '}
                  <a href={linkTo({ page: 'document', id, tab: 'edit' })}>{id}</a>
                </span>
              ))}
          </span>
        </li>
      ))}
    </ul>
  </section>
);
