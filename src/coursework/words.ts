/** The verbs of the coursework dialects, as typed, in the order in which help shows them. */

export const dialectNames = ['cs380d', 'cs425'] as const;
export type DialectName = (typeof dialectNames)[number];

/** They end a shell in any language. */
export const leavingWords: ReadonlySet<string> = new Set(['exit', 'quit']);

export interface VerbWords {
  /** Such as `put CLIENT KEY VALUE`; optional arguments in brackets, `…` behind one of several words. */
  readonly usage: string;
  readonly summary: string;
}

interface DialectWords {
  readonly verbs: readonly VerbWords[];
  /** The course's commands are typed in any case. */
  readonly anyCase: boolean;
}

const words = (usage: string, summary: string): VerbWords => ({ usage, summary });

export const dialectWords: Readonly<Record<DialectName, DialectWords>> = {
  cs380d: {
    anyCase: false,
    verbs: [
      words('joinServer ID', 'start a server, connected to all others'),
      words('killServer ID', 'kill it at once'),
      words('joinClient CLIENT SERVER', 'start a client of one server'),
      words('breakConnection A B', 'cut server and server, or client and server'),
      words('createConnection A B', 'connect them'),
      words('stabilize', 'return when values have reached every server they can'),
      words('printStore ID', "a server's store, sorted by key"),
      words('put CLIENT KEY VALUE', 'through one of its servers'),
      words('get CLIENT KEY', 'from one of its servers'),
    ],
  },
  cs425: {
    anyCase: true,
    verbs: [
      words('get KEY [LEVEL]', 'read; newest of those that answer'),
      words('insert KEY VALUE [LEVEL]', 'write if absent'),
      words('update KEY VALUE [LEVEL]', 'write if present'),
      words('put KEY VALUE [LEVEL]', 'write'),
      words('delete KEY', 'from all replicas'),
      words('show-all [NODE]', "one server's pairs, no repair"),
      words('dump [NODE]', "one server's pairs, no repair"),
      words('search KEY', 'who holds it, no repair'),
      words('delay T', 'wait before the next command'),
      words('send MESSAGE… NODE', 'a message over the delayed link'),
      words('bcast MESSAGE…', 'the same to every other server'),
    ],
  },
};

export function verbNamed(name: DialectName, word: string): VerbWords | undefined {
  const { verbs, anyCase } = dialectWords[name];
  const typed = anyCase ? word.toLowerCase() : word;
  return verbs.find(({ usage }) => usage.split(' ')[0] === typed);
}

/** Words stand between blanks; a word that begins with `#` begins a comment. */
export function wordsIn(line: string): string[] {
  const all = line.split(/\s+/).filter((word) => word !== '');
  const comment = all.findIndex((word) => word.startsWith('#'));
  return comment === -1 ? all : all.slice(0, comment);
}

/** Arguments are the words after the first; those in brackets may be left out, one with … may be several words. */
export function arityOf(usage: string): { readonly least: number; readonly most: number } {
  const args = usage.split(' ').slice(1);
  const least = args.filter((arg) => !arg.startsWith('[')).length;
  return { least, most: usage.includes('…') ? Number.POSITIVE_INFINITY : args.length };
}

/** Whether a line is one of the dialect's, by its verb and the number of its arguments. */
export function isLineOf(name: DialectName, [word = '', ...args]: readonly string[]): boolean {
  const verb = verbNamed(name, word);
  if (verb === undefined) return false;
  const { least, most } = arityOf(verb.usage);
  return args.length >= least && args.length <= most;
}

/** Where to look for a dialect that a text may be in: this many of its lines. */
const linesLookedAt = 1000;
/** A parser that has found so much wrong may have stopped there. */
const wrongMax = 20;

/**
 * The dialect in whose words most of a text is, if it is most of the text; `null` when there is none. `isRight` says of a
 * line, counted from 1, that nothing is wrong with it as it is.
 */
export function dialectOfText(
  text: string,
  isRight: (number: number) => boolean,
): DialectName | null {
  const lines = text.split(/\r\n|\n|\r/, linesLookedAt).map(wordsIn);
  const spoken = lines.flatMap((words, at) =>
    words.length > 0 ? [{ words, number: at + 1 }] : [],
  );
  const right = spoken.filter(({ number }) => isRight(number)).length;
  let best: DialectName | null = null;
  // Where much is wrong, not all of it was looked at.
  let most =
    spoken.length - right >= wrongMax ? spoken.length / 2 : Math.max(right, spoken.length / 2);
  for (const name of dialectNames) {
    const count = spoken.filter(({ words }) => isLineOf(name, words)).length;
    if (count <= most) continue;
    best = name;
    most = count;
  }
  return best;
}
