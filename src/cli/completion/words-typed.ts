/** A command line as it is typed, up to the cursor: its words, without their quotes. */

export interface Typed {
  /** Whole words, the program's name among them. */
  readonly words: readonly string[];
  /** The one at the cursor, which may be empty. */
  readonly word: string;
  /** Characters at its beginning that the shell takes for words of their own, and so leaves as they are. */
  readonly kept: number;
  /** The one that is open at the cursor. */
  readonly quote: string;
}

/** `breaks`: at these the shell begins a new word to complete, save in quotes: bash's `$COMP_WORDBREAKS`. */
export function readTyped(line: string, breaks = ''): Typed {
  const words: string[] = [];
  let [word, kept, quote, isOpen] = ['', 0, '', false];
  for (let at = 0; at < line.length; at++) {
    const sign = line[at] as string;
    if (quote !== '' ? sign === quote : sign === "'" || sign === '"') {
      quote = quote === '' ? sign : '';
      kept = quote === '' ? 0 : word.length;
      isOpen = true;
    } else if (quote === '' && /\s/.test(sign)) {
      if (isOpen) words.push(word);
      [word, kept, isOpen] = ['', 0, false];
    } else {
      if (sign === '\\' && isEscape(quote, line[at + 1])) word += line[++at] ?? '';
      else {
        word += sign;
        if (quote === '' && breaks.includes(sign)) kept = word.length;
      }
      isOpen = true;
    }
  }
  return { words, word, kept, quote };
}

/** In double quotes, a backslash stands for itself in front of most. */
const isEscape = (quote: string, next: string | undefined): boolean =>
  quote === '' || (quote === '"' && /["\\$`]/.test(next ?? ''));

/** As bash wants it in place of what is typed. */
export function inBash(label: string, { kept, quote }: Typed): string {
  const rest = label.slice(kept);
  if (quote === "'") return rest.replaceAll("'", "'\\''");
  if (quote === '"') return rest.replace(/["\\$`]/g, '\\$&');
  const tilde = kept === 0 ? (/^~(?=\/)/.exec(rest)?.[0] ?? '') : '';
  return tilde + rest.slice(tilde.length).replace(/[^\w%+,./:=@^-]/g, '\\$&');
}
