import { withProgress } from '../cli/progress.js';
import { KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import type { Recorder } from '../history/recorder/recorder.js';
import { exitCodeOf } from '../render/failure.js';
import type { Target } from '../targets/target.js';
import type { Action } from './actions/action.js';
import { clusterActions, startCluster } from './actions/cluster.js';
import { faultActions } from './actions/faults.js';
import { keyActions } from './actions/keys.js';
import { loadActions } from './actions/loads.js';
import { lookActions } from './actions/looks.js';
import { programActions } from './actions/programs.js';
import { type ScriptClient, ScriptContext } from './context.js';
import { type Judgement, judge, type Outcome } from './outcome.js';
import type { Expectation, Invocation, Program, Statement } from './program.js';
import { placedError, type ScriptOutput } from './script-output.js';

const actions: ReadonlyMap<string, Action> = new Map([
  ...keyActions,
  ...lookActions,
  ...faultActions,
  ...clusterActions,
  ...loadActions,
  ...programActions,
]);

/** What a command is tried for that must come true within some time. */
const pollMsMin: Millis = 5;
const pollMsMax: Millis = 100;
/** One try must leave time for others; with too little of it, the last one would see nothing. */
const tryMsMax: Millis = 1_000;
const tryMsMin: Millis = 250;

export interface RunReport {
  /** How many expectations held. */
  readonly heldCount: number;
  /** One did not hold, and the script ended there. */
  readonly failed: boolean;
}

/** A part of the script that runs by itself. */
interface Task {
  scriptClient: ScriptClient;
}

type ExpectStatement = Extract<Statement, { type: 'expect' }>;

/** Does what a program says, on a target. */
export class Runner {
  readonly #output: ScriptOutput;
  readonly #context: ScriptContext;
  readonly #signal: AbortSignal;
  readonly #main: Task;
  #source = '';
  #heldCount = 0;
  /** An expectation failed, or a command of one of several clients did: nobody begins anything new. */
  #stopped = false;
  #failed = false;

  /** What clients ask and are told is written down by `recorder`. */
  constructor(
    target: Target,
    output: ScriptOutput,
    signal: AbortSignal,
    recorder: Recorder | null = null,
  ) {
    this.#output = output;
    this.#context = new ScriptContext(target, signal, recorder);
    this.#signal = signal;
    this.#main = {
      scriptClient: this.#context.scriptClient({ name: null, nodes: null, flags: new Map() }),
    };
  }

  /** The client that speaks now, and all that were named so far. */
  get scriptClients(): { readonly now: string | null; readonly all: readonly string[] } {
    return { now: this.#main.scriptClient.name, all: this.#context.clientNames };
  }

  /**
   * Runs a program, or, of a script that comes in pieces, the next piece. Ends early when an expectation does not hold.
   * Throws the error of the first command that ends in one, with its place.
   */
  async run({ source, spec, statements }: Program): Promise<RunReport> {
    this.#source = source;
    this.#stopped = false;
    this.#failed = false;
    this.#heldCount = 0;
    if (spec !== null) {
      await withProgress(
        () => 'starting a cluster',
        () => startCluster(this.#context, spec, false),
      );
    }
    await this.#all(statements, this.#main);
    return { heldCount: this.#heldCount, failed: this.#failed };
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
        return this.#command(statement, statement.invocation, task);
      case 'expect':
        return this.#expect(statement, task);
      case 'client':
        task.scriptClient = this.#context.scriptClient(statement.client);
        return;
      case 'at once':
        return this.#atOnce(statement, task);
      case 'repeat':
        return this.#repeat(statement, task);
      case 'template':
        throw new Error('a template stands in a repeat only');
    }
  }

  async #command(statement: Statement, invocation: Invocation, task: Task): Promise<void> {
    const { name } = task.scriptClient;
    this.#output.begin(statement, name);
    try {
      const outcome = await this.#do(statement, invocation, task, Number.POSITIVE_INFINITY);
      this.#output.outcome(statement, name, outcome);
    } catch (error) {
      throw this.#placed(statement, task, error);
    }
  }

  async #expect(statement: ExpectStatement, task: Task): Promise<void> {
    this.#output.begin(statement, task.scriptClient.name);
    const judgement = await this.#judgeWithin(statement, task).catch((error: unknown) => {
      throw this.#placed(statement, task, error);
    });
    this.#output.judged(this.#source, statement, task.scriptClient.name, judgement);
    if (judgement.holds) this.#heldCount++;
    else {
      this.#failed = true;
      this.#stopped = true;
    }
  }

  async #judgeWithin(statement: ExpectStatement, task: Task): Promise<Judgement> {
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

  async #judge(statement: ExpectStatement, task: Task, tryMs: Millis): Promise<Judgement> {
    const { invocation, expectation } = statement;
    const outcome = await this.#do(statement, invocation, task, tryMs).catch((error: unknown) =>
      asOutcome(error, expectation),
    );
    return judge(outcome, expectation);
  }

  async #do(
    { text }: Statement,
    invocation: Invocation,
    { scriptClient }: Task,
    timeoutMsMax: Millis,
  ): Promise<Outcome> {
    const context = this.#context;
    const { name, standsFor = name, needsNoCluster } = invocation.command;
    const action = actions.get(standsFor);
    invariant(action !== undefined, `there is an action for ${name}`);
    // Throws while none is up: what a script says there may be out of order.
    if (!needsNoCluster) context.spec;
    const call = { invocation, context, scriptClient, timeoutMsMax };
    // Programs tell by themselves how far they are.
    if (programActions.has(standsFor)) return action(call);
    return withProgress(
      () => text,
      () => action(call),
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
        await this.#all(body, { scriptClient: this.#context.scriptClient(client) });
      } catch (error) {
        first ??= { error };
        this.#stopped = true;
      }
    });
    await Promise.all(running);
    const failure = first as { readonly error: unknown } | null;
    if (failure !== null) throw failure.error;
    const { name } = task.scriptClient;
    // One of them may have been the scriptClient around the block, and have moved.
    if (name !== null)
      task.scriptClient = this.#context.scriptClient({ name, nodes: null, flags: new Map() });
  }

  #placed(statement: Statement, { scriptClient }: Task, error: unknown): unknown {
    if (this.#signal.aborted) return interrupted();
    if (!(error instanceof KvxError) || error.code === 'config') return error;
    this.#output.failed(statement, scriptClient.name, error);
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
function asOutcome(error: unknown, expectation: Expectation): Outcome {
  const isOurs =
    error instanceof KvxError && !['bug', 'interrupted', 'config'].includes(error.code);
  if (!isOurs) throw error;
  if (error.code === 'bad-request' && expectation.type !== 'fails') throw error;
  const seen = { type: 'error', error } as const;
  return { failure: error.code, exitCode: exitCodeOf(error), seen, print: () => {} };
}

function interrupted(): KvxError {
  return new KvxError('interrupted', { code: 'interrupted', definite: true });
}
