// What the person should know about the connection: nothing while all is well.

import type { Connection, Link } from '../model/connection.js';
import { leave } from '../model/identity.js';
import { Icon } from './icons.js';

const reload = (): void => location.reload();

interface LinkBannerProps {
  readonly connection: Connection;
  /** Its page says by itself, and larger, when it was closed for good. */
  readonly onDocument: boolean;
}

export const LinkBanner = ({ connection, onDocument }: LinkBannerProps) => {
  const link = connection.link.value;
  const words = onDocument && link.state === 'closed' && link.closing.code !== 4401 ? null : wordsOf(link);
  return (
    <div class="banner-place" role="status">
      {words && (
        <div class={`banner banner-${link.state}`}>
          <Icon name={link.state === 'closed' ? 'close' : 'offline'} />
          <p>
            <strong>{words.title}.</strong> {words.advice}
          </p>
          {link.state === 'paused' && (
            <button type="button" onClick={() => connection.resume()}>
              Go online
            </button>
          )}
          {link.state === 'closed' && link.closing.code === 4401 && (
            <button type="button" onClick={leave}>
              Sign in
            </button>
          )}
          {link.state === 'closed' && (
            <button type="button" onClick={reload}>
              Reload
            </button>
          )}
        </div>
      )}
    </div>
  );
};

const wordsOf = (link: Link): { readonly title: string; readonly advice: string } | null => {
  switch (link.state) {
    case 'connecting':
    case 'online':
      return null;
    case 'paused':
      return {
        title: 'You are working offline',
        advice: 'Your edits stay in this browser and are merged when you come back.',
      };
    case 'offline':
      return (
        link.closing ?? {
          title: 'The server cannot be reached',
          advice: 'Keep typing: your edits stay in this browser and are merged when it is back.',
        }
      );
    case 'closed':
      return { title: link.closing.title, advice: `${link.closing.advice} (${link.closing.code})` };
  }
};
