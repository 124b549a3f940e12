// What a close code means to the person in front of the screen (docs/wire.md, "Close codes").

export interface Closing {
  readonly code: number;
  /** Nothing will change by waiting: the provider has stopped trying. */
  readonly final: boolean;
  readonly title: string;
  readonly advice: string;
}

type Words = readonly [title: string, advice: string];

const words: Readonly<Record<number, Words>> = {
  4400: ['The server did not understand this page', 'Reload it. If that does not help, the link may be damaged.'],
  4401: ['You are not signed in any more', 'Sign in again with a fresh token; your unsent edits stay in this browser.'],
  4403: ['You may not open this', 'Ask its owner to share it with you, or to give you the right to edit.'],
  4404: ['There is no such document', 'It may never have existed, or its name is spelled differently.'],
  4409: ['This window uses somebody else’s editing id', 'Reload the page to get one of your own.'],
  4410: ['This document was deleted', 'Its owner deleted it, and it cannot be opened again.'],
  4422: ['The server refused an edit as damaged', 'Reload the page. What others see is not affected.'],
  1009: ['An edit was too large', 'Undo it here, or paste in smaller pieces; then reconnect.'],
  1012: ['The server is restarting', 'Keep typing: your edits stay in this browser and are sent when it is back.'],
  1013: ['The server is busy', 'It will be tried again in a moment. Keep typing.'],
  4503: [
    'The server cannot save right now',
    'Its disk does not take writes. Your edits stay in this browser and are sent later.',
  ],
  4500: ['The server stumbled over this document', 'It is being loaded again from the log. Keep typing.'],
};

const unknown: Words = [
  'The connection was lost',
  'Keep typing: your edits stay in this browser and are sent on return.',
];
const signedOut: Words = [
  'The server refused the connection',
  'Waiting will not help. Reload the page, or open another document.',
];

/** The stock client stops for good on 4400 to 4499 and retries everything else. */
export const closingOf = (code: number): Closing => {
  const final = code >= 4400 && code < 4500;
  const [title, advice] = words[code] ?? (final ? signedOut : unknown);
  return { code, final, title, advice };
};
