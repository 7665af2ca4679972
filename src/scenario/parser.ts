/**
 * Scripts, parsed whole before anything runs: docs/scenarios.md is the reference.
 *
 * One command a line. Blocks (`repeat`, `at once`, `txn`) go to their `end`; within `at once`, each `client` line begins
 * the part of one client. Everything that is wrong is gathered, each with its line and column.
 */

import type { Setting } from '../config/problem.js';
import { ConfigError, type Problem } from '../config/problem.js';
import type { TransactionStep } from '../core/operation.js';
import type { Asker } from '../operations/context.js';
import { Given } from '../operations/given.js';
import { isWord, splitWords, stepIn, type Word, wordText } from '../operations/transaction-text.js';
import { profileOf } from '../protocols/catalog.js';
import { featureProblem } from '../protocols/refusals.js';
import { needsCluster } from './command-table.js';
import { KnownNames, type KnownNamesSetup } from './known-names.js';
import { changesNodes, checkAside, splitAt } from './parse-at.js';
import { clientIn } from './parse-client.js';
import { parseCommand, specOfUp, textsOf } from './parse-command.js';
import { expectationOf, splitExpect } from './parse-expect.js';
import {
  type ClientPart,
  type Invocation,
  type Program,
  type Statement,
  shellSource,
} from './program.js';
import {
  blankTo,
  LineError,
  linesMax,
  linesOf,
  placeOf,
  type ScriptLine,
  twiceIn,
} from './script-lines.js';

export interface ParseOptions extends KnownNamesSetup {
  /** Names the script in messages. */
  readonly source: string;
  /** The settings in a file; absent: there are no files here. */
  readonly readConfig?: (path: string) => readonly Setting[];
  /** Clients that an earlier part of the script has named. */
  readonly clients?: readonly string[];
}

function noFiles(path: string): never {
  throw new ConfigError([{ source: path, message: 'there are no files here' }]);
}

const problemsMax = 20;
/** Of blocks, one in another. */
const depthMax = 16;
const roundsMax = 1_000_000;
const round = '{n}';

/** Throws {@link ConfigError} with all that is wrong, at most {@link problemsMax}. */
export function parseScript(text: string, options: ParseOptions): Program {
  const parser = new ScriptParser(linesOf(text), options);
  const statements = parser.parse();
  if (parser.problems.length > 0) {
    throw new ConfigError(parser.problems, 'the script');
  }
  const spec = options.attached || parser.startsCluster ? null : options.spec;
  const { judgesHistory } = parser;
  return { source: options.source, text, statements, spec, judgesHistory };
}

/** Whether a block is open at its end: then more lines must follow before it can be parsed. */
export function isUnfinished(text: string, options: ParseOptions): boolean {
  const parser = new ScriptParser(linesOf(text), options);
  parser.parse();
  return parser.isUnfinished;
}

interface Context {
  readonly inRepeat: boolean;
  readonly inAtOnce: boolean;
  /** Directly in one client's part of `at once`: the next `client` line ends it. */
  readonly inPart: boolean;
  /** Of the blocks around it. */
  readonly depth: number;
}

class ScriptParser {
  readonly problems: Problem[] = [];
  isUnfinished = false;
  judgesHistory = false;
  readonly startsCluster: boolean;
  readonly #lines: readonly ScriptLine[];
  readonly #options: ParseOptions;
  readonly #names: KnownNames;
  #next = 0;
  #refusesTransactions = false;

  constructor(lines: readonly ScriptLine[], options: ParseOptions) {
    this.#lines = lines;
    this.#options = options;
    const begins = (first: string, second: string): boolean =>
      lines.some(({ text }) => new RegExp(`^\\s*${first}\\s+${second}\\b`).test(text));
    this.startsCluster = !options.attached && begins('cluster', 'up');
    const clients = lines.map(({ text }) => /^\s*client\s+([A-Za-z0-9][\w-]*)/.exec(text)?.[1]);
    this.#names = new KnownNames(options, !this.startsCluster, [
      ...(options.clients ?? []),
      ...clients.filter((name) => name !== undefined),
    ]);
  }

  parse(): readonly Statement[] {
    const last = this.#lines[linesMax];
    if (last !== undefined) this.#report(last, 1, `a script has at most ${linesMax} lines`);
    const context = { inRepeat: false, inAtOnce: false, inPart: false, depth: 0 };
    return this.#statements(context, null);
  }

  /** Up to the `end` of the block that `opened` began, or to the end of the script. */
  #statements(context: Context, opened: ScriptLine | null): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      const line = this.#nextLine();
      if (line === undefined) {
        if (opened !== null) this.#neverEnds(opened);
        return statements;
      }
      const words = this.#wordsIn(line);
      if (context.inPart && isWord(words[0], 'client')) return statements;
      if (isWord(words[0], 'end')) {
        // What begins a part is no block of its own: the `end` is that of `at once`.
        if (context.inPart) return statements;
        this.#next++;
        if (opened !== null) return statements;
        this.#report(line, 1, '`end` without a block');
        continue;
      }
      this.#next++;
      if (words.length === 0) continue;
      const statement = this.#tryStatement(line, words, context);
      if (statement !== null) statements.push(statement);
    }
  }

  #tryStatement(line: ScriptLine, words: readonly Word[], context: Context): Statement | null {
    const begin = this.#next;
    try {
      return this.#statement(line, words, context);
    } catch (error) {
      if (error instanceof ConfigError) this.problems.push(...error.problems);
      else this.#reportError(line, error);
      // The steps of a transaction whose head is wrong must not be taken for commands.
      if (this.#next === begin && words.some((word) => isWord(word, 'txn'))) this.#skipBlock();
      return null;
    }
  }

  #statement(line: ScriptLine, words: readonly Word[], context: Context): Statement {
    const [first, second] = words;
    if (context.depth > depthMax) {
      throw new LineError(first?.column ?? 1, `blocks stand in more than ${depthMax} others here`);
    }
    if (isWord(first, 'repeat')) return this.#repeat(line, words, context);
    if (isWord(first, 'client')) return this.#client(line, words, context);
    if (isWord(first, 'at') && isWord(second, 'once')) return this.#atOnce(line, words, context);
    if (isWord(first, 'at')) return this.#at(line, words, context);
    const begin = this.#next;
    const statement = this.#commandOrExpect(line, words, context);
    const lines = [line, ...this.#lines.slice(begin, this.#next)];
    if (!context.inRepeat || !lines.some(({ text }) => text.includes(round))) return statement;
    return { type: 'template', ...placeOf(line), inRound: (nth) => this.#inRound(lines, nth) };
  }

  /** The same lines with a number in the place of `{n}`. Which nodes there are by then, nobody knows here. */
  #inRound(lines: readonly ScriptLine[], nth: number): Statement {
    const filled = lines.map(({ number, text }) => ({
      number,
      text: text.replaceAll(round, String(nth)),
    }));
    const parser = new ScriptParser(filled, {
      ...this.#options,
      clients: [...this.#names.clients],
    });
    parser.#names.forgetNodes();
    const [statement] = parser.parse();
    if (parser.problems.length > 0) throw new ConfigError(parser.problems, 'the script');
    return statement as Statement;
  }

  #commandOrExpect(line: ScriptLine, words: readonly Word[], context: Context): Statement {
    const endColumn = line.text.trimEnd().length + 1;
    const begin = this.#next;
    if (!isWord(words[0], 'expect')) {
      const isTry = isWord(words[0], 'try');
      const command = isTry ? words.slice(1) : words;
      const invocation = this.#invocation(line, command, endColumn, context);
      return { type: 'command', ...placeOf(line), ...this.#stepLines(begin), invocation, isTry };
    }
    const { command, judgement, withinMs } = splitExpect(words.slice(1), endColumn);
    const isFailing = judgement.type === 'fails';
    const read = (): Invocation => this.#invocation(line, command, endColumn, context, isFailing);
    // What fails leaves all as it was.
    const invocation = isFailing ? this.#names.during(read) : read();
    const gets = invocation.given.steps.filter(({ type }) => type === 'get').length;
    const expectation = expectationOf(judgement, invocation.command, gets, this.#names);
    const place = { ...placeOf(line), ...this.#stepLines(begin) };
    return { type: 'expect', ...place, invocation, expectation, withinMs };
  }

  /** It may happen before and after anything else: what it does to names is not followed. */
  #at(line: ScriptLine, words: readonly Word[], context: Context): Statement {
    const { atMs, command } = splitAt(words, line.text.trimEnd().length + 1);
    if (context.depth > 0) throw new LineError(1, '`at` stands outside of blocks');
    if (this.#options.source === shellSource) throw new LineError(1, '`at` is for scripts');
    const does = this.#names.during(() => this.#commandOrExpect(line, command, context));
    if (does.type !== 'command') throw new Error('splitAt lets no other statement through');
    checkAside(does.invocation.command, command[0]?.column ?? 1);
    if (changesNodes(does.invocation.command)) this.#names.forgetNodes();
    return { type: 'at', ...placeOf(line), atMs, does };
  }

  /** The lines from `begin` to where the parser is, if there are any. */
  #stepLines(begin: number): Pick<Statement, 'steps'> {
    const lines = this.#lines.slice(begin, this.#next);
    return lines.length === 0 ? {} : { steps: lines.map((line) => placeOf(line).text) };
  }

  /** `mayBeRefused`: that it fails is what is expected. */
  #invocation(
    line: ScriptLine,
    words: readonly Word[],
    endColumn: number,
    context: Context,
    mayBeRefused = false,
  ): Invocation {
    const parsed = parseCommand(words, endColumn, this.#names);
    const { command, args, flags } = parsed;
    const column = words[0]?.column ?? 1;
    if (needsCluster(command) && !this.#names.isUp) {
      throw new LineError(column, 'no cluster is up here: `cluster up` comes first');
    }
    if (command.name === 'history') this.judgesHistory = true;
    if (command.block && !mayBeRefused) this.#checkTransactions(column);
    const steps = command.block ? this.#steps(line) : [];
    this.#names.follow(parsed, column, !context.inRepeat && !context.inAtOnce);
    const { source, readConfig = noFiles } = this.#options;
    const place = { source, line: line.number, column };
    const spec = command.name === 'cluster up' ? specOfUp(flags, place, readConfig) : null;
    if (spec !== null) this.#names.cameUp(spec);
    const bytes = [...args].map(([name, all]) => [name, all.map((word) => word.bytes)] as const);
    const said = { args: new Map(bytes), flags: textsOf(flags), steps, spec };
    return { command, given: new Given(command, said) };
  }

  /** Before its steps are read: nobody types them for nothing. */
  #checkTransactions(column: number): void {
    const { mode } = this.#names;
    const problem = mode === null ? null : featureProblem(profileOf(mode), 'transactions');
    if (problem === null) return;
    this.#refusesTransactions = true;
    throw new LineError(column, problem);
  }

  #steps(line: ScriptLine): TransactionStep[] {
    const steps: TransactionStep[] = [];
    for (let next = this.#nextLine(); ; next = this.#nextLine()) {
      this.#next++;
      if (next === undefined) {
        this.#neverEnds(line);
        break;
      }
      if (/^\s*end\s*(#.*)?$/.test(next.text)) break;
      const step = stepIn(next.text);
      if (step === null) continue;
      if ('message' in step) this.#report(next, step.column, step.message);
      else steps.push(step);
    }
    if (steps.length === 0) this.#report(line, 1, 'the transaction has no steps');
    return steps;
  }

  #skipBlock(): void {
    const end = this.#lines.findIndex(
      ({ text }, index) => index >= this.#next && /^\s*end\s*(#.*)?$/.test(text),
    );
    if (end === -1 && !this.#refusesTransactions) this.isUnfinished = true;
    this.#next = end === -1 ? this.#lines.length : end + 1;
  }

  #repeat(line: ScriptLine, words: readonly Word[], context: Context): Statement {
    const inside = { ...context, inRepeat: true, depth: context.depth + 1 };
    const [, counted, ...rest] = words;
    const body =
      rest.length > 0
        ? [this.#statement(blankTo(line, rest[0]), rest, inside)]
        : this.#statements({ ...inside, inPart: false }, line);
    const count = counted === undefined ? '' : wordText(counted);
    if (!/^[1-9]\d*$/.test(count) || Number(count) > roundsMax) {
      const column = counted?.column ?? line.text.trimEnd().length + 1;
      throw new LineError(column, `repeat takes a COUNT from 1 to ${roundsMax}: repeat 10 put a 1`);
    }
    return { type: 'repeat', ...placeOf(line), count: Number(count), body };
  }

  #client(line: ScriptLine, words: readonly Word[], context: Context): Statement {
    if (context.inAtOnce) throw new LineError(1, 'a client that runs at once stays the same');
    return { type: 'client', ...placeOf(line), client: clientIn(words, this.#names) };
  }

  #atOnce(line: ScriptLine, words: readonly Word[], context: Context): Statement {
    const parts: ClientPart[] = [];
    for (;;) {
      const next = this.#nextLine();
      if (next === undefined) {
        this.#neverEnds(line);
        break;
      }
      this.#next++;
      const first = this.#wordsIn(next);
      if (first.length === 0) continue;
      if (isWord(first[0], 'end')) break;
      const inside = { ...context, inAtOnce: true, inPart: true, depth: context.depth + 1 };
      const part = this.#part(next, first, inside);
      if (part !== null) parts.push(part);
    }
    const surplus = words[2];
    if (surplus !== undefined) throw new LineError(surplus.column, '`at once` stands alone');
    if (context.inAtOnce) throw new LineError(1, '`at once` within `at once`');
    const names = parts.map(({ client }) => client.name);
    const twice = names.length === new Set(names).size ? undefined : twiceIn(names);
    if (twice !== undefined) throw new LineError(1, `client ${twice} has two parts here`);
    return { type: 'at once', ...placeOf(line), parts };
  }

  #part(line: ScriptLine, words: readonly Word[], context: Context): ClientPart | null {
    let client: Asker | null = null;
    try {
      if (!isWord(words[0], 'client') || words.length < 2) {
        throw new LineError(
          words[0]?.column ?? 1,
          'in `at once`, each part begins with `client NAME`',
        );
      }
      client = clientIn(words, this.#names);
    } catch (error) {
      this.#reportError(line, error);
    }
    const body = this.#statements(context, null);
    return client === null ? null : { client, body };
  }

  /** None any more when so much is wrong that nobody would read on. */
  #nextLine(): ScriptLine | undefined {
    return this.problems.length < problemsMax ? this.#lines[this.#next] : undefined;
  }

  #wordsIn(line: ScriptLine): readonly Word[] {
    const words = splitWords(line.text);
    if (!('message' in words)) return words;
    this.#report(line, words.column, words.message);
    return [];
  }

  #neverEnds(line: ScriptLine): void {
    if (this.problems.length >= problemsMax) return;
    this.isUnfinished = true;
    this.#report(line, 1, 'this block has no `end`');
  }

  #reportError(line: ScriptLine, error: unknown): void {
    if (!(error instanceof LineError)) throw error;
    this.#report(line, error.column, error.message);
  }

  #report({ number }: ScriptLine, column: number, message: string): void {
    this.problems.push({ source: this.#options.source, line: number, column, message });
  }
}
