// The grammars of the code editor. A language's is large, and plain text needs none.

import type { Extension } from '@codemirror/state';
import type { Kind } from '../model/documents.js';

const load = async (kind: Kind): Promise<Extension> => {
  switch (kind) {
    case 'code':
      return (await import('@codemirror/lang-javascript')).javascript({ typescript: true });
    case 'markdown':
      return (await import('@codemirror/lang-markdown')).markdown();
    default:
      return [];
  }
};

/** Never rejects: text without colours is still text. */
export const grammarOf = (kind: Kind): Promise<Extension> => load(kind).catch(() => []);
