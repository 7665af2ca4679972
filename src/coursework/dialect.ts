/** What the coursework dialects have in common: one command a line, errors on standard error, and the script goes on. */

import type { ClusterSpec } from '../config/spec.js';
import { KvxError } from '../core/errors.js';
import { invariant } from '../core/invariant.js';
import { quantity, show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import { twoColumns } from '../render/wrap.js';
import { commandNamed } from '../scenario/command-table.js';
import { structures } from '../scenario/structures.js';
import type { Target } from '../targets/target.js';
import {
  arityOf,
  type DialectName,
  dialectNames,
  dialectWords,
  isLineOf,
  type VerbWords,
  wordsIn,
} from './words.js';

/** Where a script runs, and what it says. */
export interface DialectContext {
  readonly target: Target;
  /** Names the script in messages: a file's path, or `standard input`. */
  readonly source: string;
  /** Standard output, as it is. */
  readonly out: (text: string) => void;
  /** Standard error, one line. */
  readonly err: (line: string) => void;
  readonly signal: AbortSignal;
  /** The cluster to start, unless one is up. */
  readonly spec: ClusterSpec;
  readonly options: DialectOptions;
}

/** What the assignments do not agree on. */
export interface DialectOptions {
  /** Of cs425's `delay`. */
  readonly delayUnit: 's' | 'ms';
  /** In cs425, level 1 is the first consistency model, linearizable, and not `one`. */
  readonly models: boolean;
}

export interface Verb extends VerbWords {
  /** Throws a {@link KvxError}, whose message becomes a line on standard error. */
  run(args: readonly string[]): Promise<void>;
  /**
   * Names what it must have to itself: beside lines that claim none of it, it may be under way without anybody being able
   * to tell. Absent, or `null`: everything.
   */
  claims?(args: readonly string[]): readonly string[] | null;
}

/** A dialect on its context. */
export interface Vocabulary {
  readonly name: DialectName;
  /** By name, in the order in which help shows them. */
  readonly verbs: ReadonlyMap<string, Verb>;
  /** What may stand for an argument of that name in a usage, as far as it is known: for completion. */
  suggest(argument: string): Iterable<string>;
  /** After the last line: waits for what lines have left under way. */
  finish(): Promise<void>;
  close(): void;
}

/** Runs line after line until they end or the signal aborts. Only a bug, or an interruption, ends it early. */
export async function runLines(
  lines: AsyncIterable<string>,
  vocabulary: Vocabulary,
  context: DialectContext,
): Promise<void> {
  const report = (number: number, problem: string): void =>
    context.err(`${context.source}:${number}: ${problem}`);
  const underWay = new LinesUnderWay(report);
  let number = 0;
  try {
    for await (const line of lines) {
      number += 1;
      context.signal.throwIfAborted();
      const words = wordsIn(line);
      await underWay.run(number, claimsOf(words, vocabulary), () => runWords(words, vocabulary));
    }
    await underWay.all();
    await vocabulary.finish();
  } finally {
    vocabulary.close();
  }
}

/** What went wrong in one line, for a person; `null` when nothing did. */
export function runLine(line: string, vocabulary: Vocabulary): Promise<string | null> {
  return runWords(wordsIn(line), vocabulary);
}

function claimsOf(words: readonly string[], vocabulary: Vocabulary): readonly string[] | null {
  const [word, ...args] = words;
  // An empty line is in nobody's way.
  if (word === undefined) return [];
  return verbOf(word, vocabulary)?.claims?.(args) ?? null;
}

export function verbOf(word: string, { name, verbs }: Vocabulary): Verb | undefined {
  return verbs.get(dialectWords[name].anyCase ? word.toLowerCase() : word);
}

async function runWords(words: readonly string[], vocabulary: Vocabulary): Promise<string | null> {
  const [word, ...args] = words;
  if (word === undefined) return null;
  if (words.some((each) => each.includes('\ufffd'))) return 'it is not UTF-8 text';
  const verb = verbOf(word, vocabulary);
  if (verb === undefined) return unknown(words, vocabulary);
  const { least, most } = arityOf(verb.usage);
  if (args.length < least || args.length > most) {
    return `${word} with ${quantity(args.length, 'argument')}; it is \`${verb.usage}\``;
  }
  try {
    await verb.run(args);
    return null;
  } catch (error) {
    if (!(error instanceof KvxError) || error.code === 'bug') throw error;
    return error.message;
  }
}

const isKvxWord = (word: string): boolean =>
  commandNamed(word) !== undefined || structures.some(({ name }) => name === word);

function unknown(words: readonly string[], { name, verbs }: Vocabulary): string {
  const [word = ''] = words;
  const there = `there is no command ${show(word)}`;
  const other = dialectNames.find((dialect) => dialect !== name && isLineOf(dialect, words));
  if (commandNamed(words.slice(0, 2).join(' ')) !== undefined || isKvxWord(word)) {
    return `${there} in ${name}; it is one of kvx itself: run it without --dialect`;
  }
  if (other !== undefined) return `${there} in ${name}; it is one of ${other}: --dialect ${other}`;
  return there + didYouMean(word, verbs.keys()).replace(/^,/, ';');
}

/** What `help` says in a shell: of one verb, or of all. */
export function dialectHelp(
  topic: string | undefined,
  vocabulary: Vocabulary,
  width: number,
): string {
  const { verbs } = vocabulary;
  if (topic === undefined) {
    const rows = [...verbs.values()].map(({ usage, summary }) => [usage, summary] as const);
    return twoColumns(
      [...rows, ['help [COMMAND]', 'this'], ['exit', 'leave; so does Ctrl-D']],
      width,
    );
  }
  const verb = verbOf(topic, vocabulary);
  if (verb !== undefined) return twoColumns([[verb.usage, verb.summary]], width);
  const question = didYouMean(topic, verbs.keys()).replace(/^,/, ';');
  return `there is no command ${show(topic)}${question}\n`;
}

export function verbsOf<N extends DialectName>(
  name: N,
  deeds: Readonly<Record<string, Pick<Verb, 'run' | 'claims'>>>,
): Map<string, Verb> {
  return new Map(
    dialectWords[name].verbs.map(({ usage, summary }) => {
      const verb = usage.split(' ')[0] as string;
      const deed = deeds[verb];
      invariant(deed !== undefined, `${name} does ${verb}`);
      return [verb, { usage, summary, ...deed }];
    }),
  );
}

/** Past it a line waits although nothing stands in its way. */
const linesMax = 64;

interface Line {
  readonly claims: ReadonlySet<string>;
  /** Resolves, always, when the line is over. */
  readonly over: Promise<void>;
  /** What is to be said of it, or thrown, once it is over. */
  tell: (() => unknown) | null;
}

/**
 * Lines of a script that may be under way together, because nobody could tell: whatever outcome they have side by side,
 * they can have one after the other, too.
 */
export class LinesUnderWay {
  readonly #report: (number: number, problem: string) => void;
  /** In the script's order. */
  readonly #lines: Line[] = [];

  /** `report` hears of problems in the order of their lines. */
  constructor(report: (number: number, problem: string) => void) {
    this.#report = report;
  }

  /**
   * Begins a line once no line that claims the same is under way; of one that claims `null`, everything, returns when it
   * is over. `run` resolves to what went wrong. Rejects with what an earlier line, or this one, was rejected with.
   */
  async run(
    number: number,
    claims: readonly string[] | null,
    run: () => Promise<string | null>,
  ): Promise<void> {
    if (claims === null) {
      await this.all();
      const problem = await run();
      if (problem !== null) this.#report(number, problem);
      return;
    }
    const isFull = this.#lines.length >= linesMax;
    const inTheWay = this.#lines.filter((line) => isFull || claims.some((c) => line.claims.has(c)));
    if (inTheWay.length > 0) await Promise.all(inTheWay.map(({ over }) => over));
    this.#settle();
    const over = run().then(
      (problem) => {
        line.tell = () => problem !== null && this.#report(number, problem);
      },
      (bug) => {
        line.tell = () => {
          throw bug;
        };
      },
    );
    const line: Line = { claims: new Set(claims), over, tell: null };
    this.#lines.push(line);
  }

  /** Returns when nothing is under way. */
  async all(): Promise<void> {
    if (this.#lines.length > 0) await Promise.all(this.#lines.map(({ over }) => over));
    this.#settle();
  }

  #settle(): void {
    const open = this.#lines.findIndex(({ tell }) => tell === null);
    for (const { tell } of this.#lines.splice(0, open >>> 0)) tell?.();
  }
}
