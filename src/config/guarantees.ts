import { type Guarantee, guarantees } from '../core/session.js';
import { unknownWord } from '../core/suggest.js';

/** As in the literature: `ryw`, `mr`, `mw`, `wfr`. */
const initials = new Map(
  guarantees.map((guarantee) => [
    guarantee
      .split('-')
      .map((word) => word[0])
      .join(''),
    guarantee,
  ]),
);

/** Reads `read-your-writes,mr`: names or initials, or `all`. Throws a `bad-request` KvxError (definite). */
export function parseGuarantees(text: string): readonly Guarantee[] {
  if (text.trim() === 'all') return guarantees;
  const words = text.split(',').map((word) => word.trim());
  const wanted = new Set(words.map(parseGuarantee));
  return guarantees.filter((guarantee) => wanted.has(guarantee));
}

function parseGuarantee(word: string): Guarantee {
  const found = guarantees.find((guarantee) => guarantee === word) ?? initials.get(word);
  if (found !== undefined) return found;
  const hint = `They are ${[...initials].map(([short, name]) => `${name} (${short})`).join(', ')}; or all.`;
  throw unknownWord('there is no guarantee', word, [...guarantees, ...initials.keys()], hint);
}
