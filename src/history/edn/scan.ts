/**
 * Where forms of EDN end, whatever they say. What is left out of a history need not be understood: Clojure prints much
 * that no reader takes, such as `#<core$fn foo@1f>`.
 */

export const code = {
  ...{
    newline: 0x0a,
    space: 0x20,
    quote: 0x22,
    hash: 0x23,
    apostrophe: 0x27,
    comma: 0x2c,
    colon: 0x3a,
  },
  ...{ semicolon: 0x3b, less: 0x3c, greater: 0x3e, backslash: 0x5c, caret: 0x5e, underscore: 0x5f },
} as const;

/** By character: what a word ends at. */
export const charClass = { word: 0, blank: 1, opens: 2, closes: 3, quote: 4, comment: 5 } as const;
const classes = new Uint8Array(128);
for (const blank of ', \t\n\r\f\v') classes[blank.charCodeAt(0)] = charClass.blank;
for (const opener of '([{') classes[opener.charCodeAt(0)] = charClass.opens;
for (const closer of ')]}') classes[closer.charCodeAt(0)] = charClass.closes;
classes[code.quote] = charClass.quote;
classes[code.semicolon] = charClass.comment;
for (let control = 0x1c; control < 0x20; control++) classes[control] = charClass.blank;

export const classOf = (character: number): number =>
  character < 128 ? (classes[character] as number) : isWideBlank(character) ? charClass.blank : 0;

/** Blanks of Unicode that Java's Character.isWhitespace knows, and those that pasted texts have. */
const isWideBlank = (character: number): boolean =>
  character >= 0xa0 && /\s/.test(String.fromCharCode(character));

export function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && classOf(text.charCodeAt(at)) === charClass.word) at++;
  return at;
}

/** Past the string that begins at `from`; -1: it is never closed. */
export function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === code.quote) return at + 1;
    if (character === code.backslash) at++;
  }
  return -1;
}

/** Past a character such as `\newline` or `\{`, that begins at `from`. */
export const endOfCharacter = (text: string, from: number): number =>
  endOfWord(text, Math.min(from + 2, text.length));

export function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Past `#<…>`, which may have others within; it ends with its line at the latest. */
export function endOfUnreadable(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === code.newline) return at;
    if (character === code.hash && text.charCodeAt(at + 1) === code.less) depth++;
    else if (character === code.greater && closesUnreadable(text, at + 1) && --depth === 0) {
      return at + 1;
    }
  }
  return text.length;
}

/** `->` and `a>b` close nothing. */
const closesUnreadable = (text: string, next: number): boolean =>
  next >= text.length ||
  text.charCodeAt(next) === code.greater ||
  classOf(text.charCodeAt(next)) !== charClass.word;

/** Past blanks and comments; the text's length where nothing else comes. */
function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const kind = classOf(text.charCodeAt(at));
    if (kind === charClass.comment) at = endOfLine(text, at);
    else if (kind === charClass.blank) at++;
    else break;
  }
  return at;
}

/** Of a `#`: a tag, or the beginning of a set, a pattern or the like. The form is what follows. */
const isBeforeForm = (next: number): boolean => next !== code.hash && next !== code.apostrophe;

/** Past the form that begins at `from`; -1: the text ends before it does. Nothing in it can be wrong but that. */
export function endOfForm(text: string, from: number): number {
  /** Forms to come before this one has ended: metadata and what is discarded stand before what is meant. */
  let waiting = 1;
  let depth = 0;
  let at = from;
  for (;;) {
    at = skipBlanks(text, at);
    if (at >= text.length) return -1;
    const character = text.charCodeAt(at);
    switch (classOf(character)) {
      case charClass.opens:
        depth++;
        at++;
        continue;
      case charClass.closes:
        // One that closes nothing of this form ends what it hangs on: `[#tag]`.
        if (depth === 0) return at;
        depth--;
        at++;
        break;
      case charClass.quote:
        at = endOfString(text, at);
        if (at < 0) return -1;
        break;
      default: {
        const next = text.charCodeAt(at + 1);
        if (character === code.backslash) at = endOfCharacter(text, at);
        else if (character === code.hash && next === code.less) at = endOfUnreadable(text, at);
        else if (
          character === code.caret ||
          (character === code.hash && next === code.underscore)
        ) {
          if (depth === 0) waiting++;
          at += character === code.caret ? 1 : 2;
          continue;
        } else {
          at = endOfWord(text, at);
          if (character === code.hash && isBeforeForm(next)) continue;
        }
      }
    }
    if (depth === 0 && --waiting === 0) return at;
  }
}

/** To the next form, past blanks, comments and what is discarded; or to a `#_` that discards nothing before the end. */
export function skipToForm(text: string, from: number): number {
  for (let at = from; ; ) {
    at = skipBlanks(text, at);
    if (!isDiscard(text, at)) return at;
    const end = endOfForm(text, at + 2);
    if (end < 0) return at;
    at = end;
  }
}

export const isDiscard = (text: string, at: number): boolean =>
  text.charCodeAt(at) === code.hash && text.charCodeAt(at + 1) === code.underscore;
