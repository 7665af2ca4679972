import { interrupted, KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { keyFromBytes } from '../core/key.js';
import type { KeptHistory } from '../explore/kept-history.js';
import type { Recorder } from '../history/recorder/recorder.js';
import { startCluster } from '../operations/clusters.js';
import {
  type Asker,
  anyAsker,
  OperationContext,
  type OperationHost,
} from '../operations/context.js';
import type { OperationOutcome } from '../operations/operation.js';
import { perform } from '../operations/operation.js';
import { ImpossibleState, type Target } from '../targets/target.js';
import { Asides, type AtStatement } from './asides.js';
import { needsCluster } from './command-table.js';
import { type Expectation, type JudgedOutcome, judge, type ToJudge } from './outcome.js';
import {
  authorOf,
  type CommandStatement,
  type Invocation,
  type Program,
  type Statement,
} from './program.js';
import { placedError, type ScriptOutput } from './script-output.js';

/** What a command is tried for that must come true within some time. */
const pollMsMin: Millis = 5;
const pollMsMax: Millis = 100;
/** One try must leave time for others; with too little of it, the last one would see nothing. */
const tryMsMax: Millis = 1_000;
const tryMsMin: Millis = 250;

export interface RunReport {
  readonly heldCount: number;
  /** One did not hold, and the script ended there. */
  readonly failed: boolean;
  /** The key that the failed expectation is about; `null`: of none, or of several. */
  readonly key: string | null;
}

export interface RunnerOptions {
  /** Writes down what clients ask and are told; `null`: nobody does. */
  readonly recorder?: Recorder | null;
  /** What the recorder writes down, kept to be judged; `null`: then the script can't ask what it was. */
  readonly kept?: KeptHistory | null;
  /** `null`: what needs one can't be done. */
  readonly host?: OperationHost | null;
}

/** A part of the script that runs by itself. */
interface Task {
  asker: Asker;
}

type ExpectStatement = Extract<Statement, { type: 'expect' }>;

export class Runner {
  readonly #output: ScriptOutput;
  readonly #context: OperationContext;
  readonly #signal: AbortSignal;
  readonly #main: Task;
  #source = '';
  #heldCount = 0;
  /** An expectation failed, or a command of one of several clients did: nobody begins anything new. */
  #stopped = false;
  #failed = false;
  #key: string | null = null;
  #asides = new Asides([]);

  /** What clients ask and are told is written down by `recorder`. */
  constructor(
    target: Target,
    output: ScriptOutput,
    signal: AbortSignal,
    { recorder = null, kept = null, host = null }: RunnerOptions = {},
  ) {
    this.#output = output;
    this.#context = new OperationContext({ targets: [target], signal, recorder, kept, host });
    this.#signal = signal;
    this.#main = { asker: anyAsker };
  }

  /** The client that speaks now, and all that were named so far. */
  get clients(): { readonly now: string | null; readonly all: readonly string[] } {
    return { now: this.#main.asker.name, all: this.#context.askerNames };
  }

  /**
   * Runs a program, or, of a script that comes in pieces, the next piece. Ends early when an expectation does not hold.
   * Throws the error of the first command that ends in one, with its place.
   */
  async run({ source, spec, statements }: Program): Promise<RunReport> {
    this.#source = source;
    this.#context.faultAuthor = authorOf(source);
    this.#stopped = false;
    this.#failed = false;
    this.#key = null;
    this.#heldCount = 0;
    await this.#beside(statements, async () => {
      if (spec !== null) {
        const context = this.#context;
        await this.#output.watching('starting a cluster', (says) =>
          startCluster({ context, says }, spec, false),
        );
        this.#asides.begin(context.target.timing);
      }
      await this.#all(statements, this.#main);
    });
    return { heldCount: this.#heldCount, failed: this.#failed, key: this.#key };
  }

  /** Hangs up; the target is its owner's to close. */
  close(): void {
    this.#context.close();
  }

  async #all(statements: readonly Statement[], task: Task): Promise<void> {
    for (const statement of statements) {
      if (this.#stopped) return;
      if (this.#signal.aborted) throw interrupted();
      await this.#one(statement, task);
    }
  }

  async #one(statement: Statement, task: Task): Promise<void> {
    switch (statement.type) {
      case 'command':
        return this.#command(statement, task);
      case 'expect':
        return this.#expect(statement, task);
      case 'client':
        task.asker = this.#context.asker(statement.client);
        return;
      case 'at once':
        return this.#atOnce(statement, task);
      case 'repeat':
        return this.#repeat(statement, task);
      case 'at':
        // It waits for its moment since the script began.
        return;
      case 'template':
        throw new Error('a template stands in a repeat only');
    }
  }

  async #command(statement: CommandStatement, task: Task): Promise<void> {
    const { invocation, isTry } = statement;
    const { name } = task.asker;
    this.#output.begin(statement, name);
    try {
      const outcome = await this.#do(statement, invocation, task, Number.POSITIVE_INFINITY);
      this.#output.outcome(statement, name, invocation.given, outcome);
      if (invocation.command.name === 'cluster up') this.#asides.begin(this.#context.target.timing);
    } catch (error) {
      if (isTry && !this.#signal.aborted && isAnswer(error)) {
        this.#output.failed(statement, name, error);
        this.#output.note(`${error.code}: ${error.message}`);
        return;
      }
      if (!this.#isFinding(statement, task, error)) throw this.#placed(statement, task, error);
    }
  }

  async #expect(statement: ExpectStatement, task: Task): Promise<void> {
    this.#output.begin(statement, task.asker.name);
    const judgement = await this.#judgeWithin(statement, task).catch((error: unknown) => {
      if (!this.#isFinding(statement, task, error)) throw this.#placed(statement, task, error);
      return null;
    });
    if (judgement === null) return;
    this.#output.judged(this.#source, statement, task.asker.name, judgement);
    if (judgement.holds) this.#heldCount++;
    else {
      this.#failed = true;
      this.#stopped = true;
      const { given } = statement.invocation;
      const named = given.args.get('KEY')?.[0];
      this.#key = judgement.key ?? (named === undefined ? null : keyFromBytes(named));
    }
  }

  /** A planted mistake has been found out by a node: then an expectation of every script does not hold. */
  #isFinding(statement: Statement, { asker }: Task, error: unknown): boolean {
    if (!(error instanceof ImpossibleState)) return false;
    // Every client is told; one of them is enough to say so.
    if (!this.#stopped) {
      const seen = `crash-only: ${error.message.split('\n', 1)[0]}`;
      const decisions = this.#context.target.contradictions ?? [];
      const drawing = decisions.map((contradiction) => `decision: ${contradiction}`);
      const expected = 'no node in an impossible state';
      const judgement = { holds: false, expected, seen, drawing, key: null };
      this.#output.judged(this.#source, statement, asker.name, judgement);
    }
    this.#failed = true;
    this.#stopped = true;
    return true;
  }

  async #judgeWithin(statement: ExpectStatement, task: Task): Promise<JudgedOutcome> {
    const { withinMs } = statement;
    const { timing } = this.#context.target;
    const deadline = timing.now() + (withinMs ?? 0);
    let pauseMs = pollMsMin;
    for (;;) {
      const leftMs = deadline - timing.now();
      const tryMs =
        withinMs === null
          ? Number.POSITIVE_INFINITY
          : Math.max(tryMsMin, Math.min(leftMs, tryMsMax));
      const judgement = await this.#judge(statement, task, tryMs);
      if (judgement.holds || withinMs === null || timing.now() >= deadline) return judgement;
      await timing.sleep(Math.min(pauseMs, deadline - timing.now()), this.#signal);
      if (this.#signal.aborted) throw interrupted();
      pauseMs = Math.min(pauseMs * 2, pollMsMax);
    }
  }

  async #judge(statement: ExpectStatement, task: Task, tryMs: Millis): Promise<JudgedOutcome> {
    const { invocation, expectation } = statement;
    const outcome = await this.#do(statement, invocation, task, tryMs).catch((error: unknown) =>
      asSeen(error, expectation),
    );
    return judge(outcome, expectation);
  }

  async #do(
    statement: Statement,
    invocation: Invocation,
    { asker }: Task,
    timeoutMsMax: Millis,
  ): Promise<OperationOutcome> {
    const { command, given } = invocation;
    const context = this.#context;
    // What a script says there may be out of order.
    if (needsCluster(command)) context.spec;
    const output = this.#output;
    const tell = (line: string, document: unknown): void =>
      output.told(statement, asker.name, line, document);
    return output.watching(statement.text, (says) =>
      perform(command, { given, context, asker, timeoutMsMax, says, tell, json: output.json }),
    );
  }

  async #repeat(
    { count, body }: Extract<Statement, { type: 'repeat' }>,
    task: Task,
  ): Promise<void> {
    for (let round = 1; round <= count && !this.#stopped; round++) {
      await this.#all(
        body.map((each) => inRound(each, round)),
        task,
      );
    }
  }

  /** Every client's part begins at the same time; when one fails, the others end what they are at. */
  async #atOnce({ parts }: Extract<Statement, { type: 'at once' }>, task: Task): Promise<void> {
    let first: { readonly error: unknown } | null = null;
    const running = parts.map(async ({ client, body }) => {
      try {
        await this.#all(body, { asker: this.#context.asker(client) });
      } catch (error) {
        first ??= { error };
        this.#stopped = true;
      }
    });
    await Promise.all(running);
    const failure = first as { readonly error: unknown } | null;
    if (failure !== null) throw failure.error;
    const { name } = task.asker;
    // One of them may have been the asker around the block, and have moved.
    if (name !== null) task.asker = this.#context.asker({ name, nodes: null, flags: new Map() });
  }

  /** Does `work`, and at their moments what stands aside. Throws what went wrong first. */
  async #beside(statements: readonly Statement[], work: () => Promise<void>): Promise<void> {
    let first: { readonly error: unknown } | null = null;
    const fail = (error: unknown): void => {
      first ??= { error };
      this.#stopped = true;
    };
    this.#asides = new Asides(statements, (aside) => this.#aside(aside).catch(fail));
    const { target } = this.#context;
    // Starting a real cluster takes as long as it takes.
    if (target.runtime === 'sim' || target.spec !== null) this.#asides.begin(target.timing);
    await work().catch(fail);
    await this.#asides.end();
    const failure = first as { readonly error: unknown } | null;
    if (failure !== null) throw failure.error;
  }

  async #aside({ does }: AtStatement): Promise<void> {
    if (this.#stopped || this.#signal.aborted) return;
    const { command } = does.invocation;
    const asks = command.arguments.some(({ kind }) => kind === 'key');
    const name = asks ? `line ${does.line}` : null;
    await this.#command(does, { asker: { ...anyAsker, name } });
  }

  #placed(statement: Statement, { asker }: Task, error: unknown): unknown {
    if (this.#signal.aborted) return interrupted();
    if (!(error instanceof KvxError) || error.code === 'config') return error;
    this.#output.failed(statement, asker.name, error);
    return placedError(this.#source, statement, error);
  }
}

/** A `repeat` within counts rounds of its own. */
function inRound(statement: Statement, round: number): Statement {
  if (statement.type === 'template') return statement.inRound(round);
  if (statement.type !== 'at once') return statement;
  const parts = statement.parts.map(({ client, body }) => ({
    client,
    body: body.map((each) => inRound(each, round)),
  }));
  return { ...statement, parts };
}

/** An error may be what was expected, or is at least what was seen; but what is wrong with the script itself is not. */
function asSeen(error: unknown, expectation: Expectation): ToJudge {
  if (!isAnswer(error)) throw error;
  if (error.code === 'bad-request' && !expectation.fails) throw error;
  const seen = { type: 'error', error } as const;
  return { why: error.code, seen };
}

const isAnswer = (error: unknown): error is KvxError =>
  error instanceof KvxError && !['bug', 'interrupted', 'config'].includes(error.code);
