/**
 * Cases of Redis' own test suite (redis 7.0, tests/unit), told anew as tables: what is sent and what is said. They run against
 * nodes of kvx, and against a real Redis, which proves the tables.
 */
import { isDeepStrictEqual } from 'node:util';

/**
 * A reply: `+` before what is said as a status, `-` before an error, a number for an integer, text (a character a byte) for
 * a bulk string.
 */
export type Said = string | number | null | readonly Said[];

/** Words apart by spaces; or, if there are spaces in some, one by one, a character a byte. */
export type Sent = string | readonly string[];

/** What is sent, what is said, and by which of several clients (the first when left out). */
export type Step = readonly [sent: Sent, said: Said, client?: number];

/** In the order of their file: they build on each other. */
export interface RedisCase {
  /** As in the file. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** It holds, and another test shows it: of several clients, or of what is no command. */
  readonly isElsewhere?: boolean;
  /** What no table of steps says, after them: what is wrong, `null` for nothing. */
  check?(ask: AskFirst): Promise<string | null>;
}

/** The first client, asked. */
export type AskFirst = (sent: Sent) => Promise<Said>;

/** What Redis' file has and no table here: what it is about is not there, or is done otherwise. */
export interface RedisCaseApart {
  readonly names: readonly string[];
  readonly why: string;
}

export interface RedisCaseFile {
  /** Under tests/unit of Redis. */
  readonly file: string;
  /** How many it has. */
  readonly count: number;
  readonly holding: readonly RedisCase[];
  /** They ask for what kvx does not have. */
  readonly beside: readonly RedisCaseApart[];
  /** They are about what kvx does, and does otherwise. */
  readonly different: readonly RedisCaseApart[];
}

export interface Asking {
  /** What is said, of errors the whole text. */
  ask(words: readonly string[]): Promise<Said>;
}

const wordsOf = (sent: Sent): readonly string[] =>
  typeof sent === 'string' ? sent.split(' ') : sent;

/** The first step of a case that is answered otherwise; `null`: it holds. */
export async function differenceIn(
  { name, steps, check }: RedisCase,
  clients: readonly Asking[],
): Promise<string | null> {
  for (const [sent, expected, client = 0] of steps) {
    const said = await (clients[client] as Asking).ask(wordsOf(sent));
    if (isDeepStrictEqual(said, expected)) continue;
    return `${name}: ${JSON.stringify(sent)}: ${shown(said)} instead of ${shown(expected)}`;
  }
  const problem = (await check?.((sent) => (clients[0] as Asking).ask(wordsOf(sent)))) ?? null;
  return problem === null ? null : `${name}: ${problem}`;
}

const shown = (said: Said): string => {
  const text = JSON.stringify(said);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
};

export const namesIn = (apart: readonly RedisCaseApart[]): readonly string[] =>
  apart.flatMap(({ names }) => names);
