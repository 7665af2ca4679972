/**
 * The patterns of KEYS, SCAN and CONFIG GET, with the oddities of Redis' `stringmatchlen`: `*`, `?`, classes as `[a-c]` and
 * `[^x]`, and `\` before what stands for itself. A class that nobody closes ends with the pattern.
 *
 * Only the last star is ever tried again: what matched before it would match no less of the text. So a pattern takes at most
 * its length times that of the text, whatever it is made of.
 */

/** One character of the text. */
type Single = 'any' | number | ReadonlySet<number>;
type Token = Single | 'star';

/** Both are byte strings: one character (0 to 255) a byte. `ignoresCase`: of ASCII letters. */
export function globMatcher(pattern: string, ignoresCase = false): (text: string) => boolean {
  const tokens = tokensOf(ignoresCase ? lowered(pattern) : pattern);
  if (tokens.length === 1 && tokens[0] === 'star') return () => true;
  return ignoresCase ? (text) => matches(tokens, lowered(text)) : (text) => matches(tokens, text);
}

const lowered = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function matches(tokens: readonly Token[], text: string): boolean {
  let token = 0;
  let at = 0;
  /** Where to go on when what follows the last star does not match. */
  let afterStar = -1;
  let from = 0;
  while (at < text.length) {
    const next = tokens[token];
    if (next === 'star') {
      afterStar = ++token;
      from = at;
    } else if (next !== undefined && fits(next, text.charCodeAt(at))) {
      token++;
      at++;
    } else if (afterStar < 0) return false;
    else {
      token = afterStar;
      at = ++from;
    }
  }
  while (tokens[token] === 'star') token++;
  return token === tokens.length;
}

function fits(token: Single, char: number): boolean {
  if (typeof token === 'number') return token === char;
  return token === 'any' || token.has(char);
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char === '*') {
      if (tokens.at(-1) !== 'star') tokens.push('star');
    } else if (char === '?') tokens.push('any');
    else if (char === '[') {
      const { members, end } = classAt(pattern, at + 1);
      tokens.push(members);
      at = end;
    } else {
      if (char === '\\' && at + 1 < pattern.length) at++;
      tokens.push(pattern.charCodeAt(at));
    }
  }
  return tokens;
}

/** `end`: where its `]` stands, or would. */
function classAt(pattern: string, start: number): { members: Set<number>; end: number } {
  const isNot = pattern[start] === '^';
  const named = new Set<number>();
  let at = isNot ? start + 1 : start;
  for (; at < pattern.length; at++) {
    const isEscaped = pattern[at] === '\\' && at + 1 < pattern.length;
    if (isEscaped) at++;
    else if (pattern[at] === ']') break;
    const first = pattern.charCodeAt(at);
    const isRange = !isEscaped && pattern[at + 1] === '-' && at + 2 < pattern.length;
    if (isRange) at += 2;
    const last = pattern.charCodeAt(at);
    for (let char = Math.min(first, last); char <= Math.max(first, last); char++) named.add(char);
  }
  if (!isNot) return { members: named, end: at };
  const others = Array.from({ length: 256 }, (_, char) => char).filter((char) => !named.has(char));
  return { members: new Set(others), end: at };
}
