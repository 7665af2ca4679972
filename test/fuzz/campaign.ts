/** Many inputs for one parser: what became of them, what they took, and of the first that went wrong the smallest form. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ConfigError } from '../../src/config/problem.js';
import { KvxError } from '../../src/core/errors.js';
import { exitCodeOf, exitCodes, failureLines } from '../../src/render/failure.js';
import { Mutator, type Sources } from './mutate.js';

export interface ParserUnderTest extends Sources {
  readonly name: string;
  /** Of a thousand inputs for all parsers, how many are for this one: those that take longer get fewer. */
  readonly share: number;
  /** It has an answer to everything. */
  readonly takesAll?: boolean;
  /** Returns, or throws what a user is to read. */
  parse(text: string): unknown;
}

interface Fault {
  readonly parser: string;
  readonly seed: number;
  /** Which of the seed's inputs it was, from 0. */
  readonly nth: number;
  readonly fault: string;
  /** The smallest input of which the same is true. */
  readonly input: string;
}

export interface CampaignReport {
  readonly parser: string;
  readonly seed: number;
  readonly count: number;
  readonly taken: number;
  readonly refused: number;
  /** Of processor time, the making of the input and the judging of what came of it included. */
  readonly microsecondsEach: number;
  readonly slowestMs: number;
  /** Of the heap, both after a forced collection: how much more it holds than before the first input. */
  readonly heapGrowthBytes: number;
  /** The largest so far, of the process as a whole. */
  readonly residentBytes: number;
  /** `null` when nothing went wrong. */
  readonly fault: Fault | null;
}

const linesMax = 21;
const charactersMax = 1_000;
/** So often whoever waits gets a turn: for promises that parsers leave behind. */
const turnEvery = 10_000;

export async function runCampaign(
  parser: ParserUnderTest,
  seed: number,
  count: number,
): Promise<CampaignReport> {
  const mutator = new Mutator(seed, parser);
  const heapBefore = heapAfterCollection();
  const processorBefore = process.cpuUsage();
  const { stackTraceLimit } = Error;
  // Nobody reads the traces of refusals, and to write them down takes longer than most parsers do.
  Error.stackTraceLimit = 0;
  let slowestMs = 0;
  let taken = 0;
  let nth = 0;
  let fault: Fault | null = null;
  try {
    for (; nth < count && fault === null; nth++) {
      const text = mutator.next();
      const began = performance.now();
      const problem = await outcomeOf(parser, text);
      slowestMs = Math.max(slowestMs, performance.now() - began);
      if (problem === 'taken') taken++;
      else if (problem !== 'refused') {
        Error.stackTraceLimit = stackTraceLimit;
        const input = await smallest(parser, text, problem);
        fault = { parser: parser.name, seed, nth, fault: await outcomeOf(parser, input), input };
      }
      if (nth % turnEvery === turnEvery - 1) await new Promise(setImmediate);
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const { user, system } = process.cpuUsage(processorBefore);
  return {
    ...{ parser: parser.name, seed, count: nth, taken, refused: nth - taken },
    microsecondsEach: Math.round(((user + system) / nth) * 10) / 10,
    slowestMs: Math.round(slowestMs),
    heapGrowthBytes: heapAfterCollection() - heapBefore,
    residentBytes: process.resourceUsage().maxRSS * 1024,
    fault,
  };
}

type Outcome = 'taken' | 'refused' | string;

/** What it did, when that is what it may: to take the input, or to refuse it in words that fit on a screen; else what is wrong. */
async function outcomeOf(
  { parse }: Pick<ParserUnderTest, 'parse'>,
  text: string,
): Promise<Outcome> {
  try {
    const parsed = parse(text);
    if (parsed instanceof Promise) await parsed;
    return 'taken';
  } catch (error) {
    return refusalProblem(error) ?? 'refused';
  }
}

/** What is wrong with a refusal; `null`: nothing. */
export function refusalProblem(error: unknown): string | null {
  if (!(error instanceof KvxError)) return `threw ${(error as Error).stack ?? String(error)}`;
  if (exitCodeOf(error) !== exitCodes.usage) return `exits ${exitCodeOf(error)}: ${error.message}`;
  if (!error.definite) return `is not sure that nothing happened: ${error.message}`;
  if (failureLines(error).length > linesMax) return `says ${failureLines(error).length} lines`;
  const problems = error instanceof ConfigError ? error.problems : [];
  const said = [error.message, error.hint ?? '', ...problems.map(({ message }) => message)];
  const long = said.find((line) => line.length > charactersMax);
  if (long !== undefined) return `says a line of ${long.length} characters: ${long.slice(0, 300)}`;
  return said.some((line) => line.includes('\n')) ? 'says a line with a line in it' : null;
}

/** Whatever can be left out, is, as long as what is wrong begins with the same words. */
async function smallest(parser: ParserUnderTest, text: string, problem: string): Promise<string> {
  const wanted = problem.slice(0, 12);
  let input = text;
  for (let size = Math.ceil(input.length / 2); size > 0; size = Math.floor(size / 2)) {
    for (let at = 0; at < input.length; ) {
      const without = input.slice(0, at) + input.slice(at + size);
      if ((await outcomeOf(parser, without)).startsWith(wanted)) input = without;
      else at += size;
    }
  }
  return input;
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
