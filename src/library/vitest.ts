/** What `import 'kvx/vitest'` brings: matchers for histories, and tests that come with a cluster. */
import { test as base, expect, type TestAPI, type TestContext } from 'vitest';
import type { ModelName } from '../check/models.js';
import { type Client, type Cluster, type StartOptions, startCluster } from './index.js';
import { type JudgeBy, modelCalled, type Recorded, verdictOn } from './verdict.js';

export type { JudgeBy } from './verdict.js';

/** Of an `expect(history)` or `expect(cluster)`. They fail, with or without `not`, when the judge could not decide. */
export interface HistoryMatchers<Result = unknown> {
  /** Each key as if its operations came one after another, each between its beginning and its end. */
  toBeLinearizable(options?: JudgeBy): Result;
  /** Each key as if its operations came one after another, those of a session in its order. */
  toBeSequential(options?: JudgeBy): Result;
  /** Causes are seen before effects, and concurrent writes in one order by all. */
  toBeCausal(options?: JudgeBy): Result;
  /** A read returns the last write that had ended, or one under way. */
  toBeRegular(options?: JudgeBy): Result;
  /** All operations, transactions too, as if one after another, each between its beginning and its end. */
  toBeStrictSerializable(options?: JudgeBy): Result;
  /** All operations, transactions too, as if one after another, whenever that was. */
  toBeSerializable(options?: JudgeBy): Result;
  /** Each transaction reads from one moment, and no two that overlap write the same. */
  toBeSnapshotIsolated(options?: JudgeBy): Result;
  /** Once writing has stopped, all read the same: see `cluster.readEverywhere()`. */
  toBeEventuallyConsistent(options?: JudgeBy): Result;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it.
  interface Matchers<T = any> extends HistoryMatchers {}
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it.
  interface Assertion<T = any> {
    /** `model`: a name of `kvx check --model`, or what it is called, such as `monotonic reads`. */
    toSatisfy(model: string, options?: JudgeBy): void;
    /** Vitest's own. */
    // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it.
    toSatisfy(matcher: (value: any) => boolean, message?: string): void;
  }
}

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

interface MatcherThis {
  readonly isNot: boolean;
  readonly utils: {
    matcherHint(name: string, received?: string, expected?: string): string;
    printReceived(value: unknown): string;
    printExpected(value: unknown): string;
  };
}

const judging = (model: ModelName) =>
  function (this: MatcherThis, history: Recorded, options?: JudgeBy): MatcherResult {
    return judged(this, history, model, options);
  };

function judged(
  { isNot }: MatcherThis,
  history: Recorded,
  model: ModelName,
  options?: JudgeBy,
): MatcherResult {
  const { verdict, message } = verdictOn(history, model, options);
  // What nobody knows is no success, whichever was expected.
  return { pass: verdict === 'unknown' ? isNot : verdict === 'holds', message: () => message };
}

/** Vitest's own, unless a model is named. */
function toSatisfy(
  this: MatcherThis,
  actual: unknown,
  expected: string | ((value: unknown) => boolean),
  more?: string | JudgeBy,
): MatcherResult {
  if (typeof expected === 'string') {
    return judged(this, actual as Recorded, modelCalled(expected), more as JudgeBy | undefined);
  }
  const { matcherHint, printExpected, printReceived } = this.utils;
  const pass = expected(actual);
  const not = pass ? 'not ' : '';
  const hint = matcherHint(pass ? '.not.toSatisfy' : '.toSatisfy', 'received', '');
  const what = more ?? printExpected(expected);
  return {
    pass,
    message: () =>
      `${hint}\n\nExpected value to ${not}satisfy:\n${what}\n\nReceived:\n${printReceived(actual)}`,
  };
}

expect.extend({
  toBeLinearizable: judging('linearizable'),
  toBeSequential: judging('sequential'),
  toBeCausal: judging('causal'),
  toBeRegular: judging('regular'),
  toBeStrictSerializable: judging('strict-serializable'),
  toBeSerializable: judging('serializable'),
  toBeSnapshotIsolated: judging('snapshot-isolation'),
  toBeEventuallyConsistent: judging('eventual'),
  toSatisfy,
});

/** What a test with a cluster is given, beside what vitest gives every test. */
export interface ClusterContext extends TestContext {
  /** It is stopped when the test is over. */
  readonly cluster: Cluster;
  /** One of its clients; `cluster.client()` makes more. */
  readonly client: Client;
}

export interface ClusterTestOptions extends StartOptions {
  /** Of the test, the start of its cluster included. Left out: 30,000. */
  readonly testTimeoutMs?: number;
}

/** A test with a cluster of its own. */
export type ClusterTest = (
  name: string,
  options: ClusterTestOptions,
  body: (context: ClusterContext) => unknown,
) => void;

type Runner = (
  name: string,
  options: { readonly timeout: number },
  body: (context: TestContext) => Promise<void>,
) => void;

const clusterTest =
  (run: Runner): ClusterTest =>
  (name, { testTimeoutMs = 30_000, ...options }, body) =>
    run(name, { timeout: testTimeoutMs }, async (context) => {
      const { signal } = context;
      const cluster = await startCluster({ signal, ...options });
      context.onTestFinished(() => cluster.close());
      try {
        await body(Object.assign(context, { cluster, client: cluster.client() }));
      } catch (error) {
        throw withSeed(error, cluster, options);
      }
    });

/** Whoever left it to chance must be told what it was. */
function withSeed(error: unknown, { seed }: Cluster, options: StartOptions): unknown {
  if (seed !== null && options.seed === undefined && error instanceof Error) {
    error.message += `\n\nSimulated with a seed that was drawn: { seed: ${seed} } runs the same again.`;
  }
  return error;
}

export type KvxTest = TestAPI & {
  readonly cluster: ClusterTest &
    Readonly<Record<'only' | 'skip' | 'fails' | 'concurrent', ClusterTest>>;
};

const own = base.extend({});

/** Vitest's `test`, with `test.cluster('…', { mode: 'quorum', nodes: 3 }, async ({ cluster, client }) => …)`. */
export const test: KvxTest = Object.assign(own, {
  cluster: Object.assign(clusterTest(own), {
    only: clusterTest(own.only),
    skip: clusterTest(own.skip),
    fails: clusterTest(own.fails),
    concurrent: clusterTest(own.concurrent),
  }),
});
