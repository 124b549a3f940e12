// Beside the first question: what this is about, as a picture made of text. Decoration, hidden from screen readers.

import { colourOf } from '../model/colours.js';

const written: readonly (readonly [author: string, text: string])[] = [
  ['alice', 'Doors open at '],
  ['carol', 'half past '],
  ['alice', 'seven.\n'],
  ['bob', 'Two follow spots, '],
  ['alice', 'and the cyclorama in amber.\n'],
  ['carol', 'Coats are in the cloakroom.'],
];
/** Who was at work when, as the strip above a document's timeline shows it. */
const strip: readonly (readonly [author: string, height: number])[] = [...'aaaabbbacccaabbbbaccc'].map(
  (letter, index) => [{ a: 'alice', b: 'bob', c: 'carol' }[letter] ?? letter, 14 + ((index * 7) % 19)],
);

export const WelcomeScene = () => (
  <div class="scene" aria-hidden="true">
    <div class="scene-sheet">
      <p class="scene-text">
        {written.map(([author, text], index) => (
          <span key={index} class="run" style={{ '--author': colourOf(author) }}>
            {text}
            {index === 3 && <Cursor name="bob" />}
            {index === 5 && <Cursor name="carol" />}
          </span>
        ))}
      </p>
      <div class="scene-strip">
        {strip.map(([author, height], index) => (
          <i key={index} style={{ background: colourOf(author), height: `${height}px` }} />
        ))}
      </div>
      <div class="scene-slider" />
    </div>
    <p class="scene-flight">
      <span>18:45</span>
      <strong>DL 123</strong>
      <span>Los Angeles</span>
      <span class="scene-gate">C12</span>
    </p>
    <p class="scene-bell">
      <strong>Gate change</strong>
      DL 123 now leaves from C12
    </p>
  </div>
);

const Cursor = ({ name }: { name: string }) => (
  <span class="scene-cursor" style={{ borderColor: colourOf(name) }}>
    <b style={{ background: colourOf(name) }}>{name}</b>
  </span>
);
