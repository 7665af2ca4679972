/**
 * The loads of the coursework clients: many sets of one key, or one set of each of many keys. As in `kvx bench`, a set that
 * fails is tried again for half a minute, and the first that fails even so ends the load.
 */

import { Load } from '../bench/load.js';
import { Tally } from '../bench/tally.js';
import type { Agreement } from '../client/agreement.js';
import { timeoutMsDefault } from '../client/client.js';
import { toDuration } from '../config/duration.js';
import { interrupted, KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { SeededRandom } from '../core/random.js';
import { sameBytes } from '../core/results.js';
import { line } from '../render/page.js';
import {
  markOf,
  multiset,
  OperationGenerator,
  type OperationSpec,
  rapidset,
  rapidsetKey,
  uniqueValueBytesMin,
} from '../workload/generator.js';
import type { ClientUse } from './context.js';
import { argument, keyFlags } from './flags.js';
import { compareReplicas } from './looks.js';
import { no, type OperationCall, operation, type SeenResult, yes } from './operation.js';

/** Longer than any take-over or recovery lasts. */
const insistMs: Millis = 30_000;
const verifyMs: Millis = 60_000;

interface Loaded {
  readonly ok: boolean;
  readonly answer: string;
  readonly seen: SeenResult;
}

interface LoadKind {
  readonly name: 'rapidset' | 'multiset';
  readonly summary: string;
  /** Sets under way at a time. */
  readonly width: number;
  specOf(valueBytes: number, sets: number): OperationSpec;
  /** What it came to. */
  judge(sets: number, call: OperationCall, use: ClientUse, lastValue: Uint8Array): Promise<Loaded>;
}

const load = ({ name, summary, width, specOf, judge }: LoadKind) =>
  operation<Loaded>({
    ...{ name, summary, examples: [`${name} 1000`], flags: keyFlags, only: 'scripts' },
    arguments: [argument('COUNT', 'count', 'how many')],
    run: async (call) => {
      const { context, asker, given, timeoutMsMax } = call;
      const { timing } = context.target;
      const use = context.clientFor(asker, given.flags, timeoutMsMax);
      const { timeoutMs: attemptMs = timeoutMsDefault } = use.options;
      const timeoutMs = Math.min(insistMs, timeoutMsMax);
      const options = { ...use.options, timeoutMs, attemptMs, retry: 'always' } as const;
      const run = Math.floor(timing.random() * 2 ** 32);
      const sets = Number(given.text('COUNT'));
      const spec = specOf(uniqueValueBytesMin, sets);
      const generator = new OperationGenerator(spec, markOf(run), new SeededRandom(run));
      const askers = Array.from({ length: Math.min(width, sets) }, () => use.client);
      const { failure } = await new Load(askers, {
        ...{
          timing,
          tally: new Tally(),
          options,
          operationsMax: sets,
          durationMs: Number.POSITIVE_INFINITY,
        },
        ...{ endsOnFailure: true, signal: context.signal, workload: () => generator.next() },
      }).run();
      if (failure !== null) throw new KvxError(failure.message, failure);
      return judge(sets, call, { ...use, options }, generator.valueOf(sets - 1));
    },
    answer: ({ ok }) => (ok ? yes : no('differ')),
    seen: ({ seen }) => seen,
    json: ({ ok, answer }) => ({ ok, answer }),
    page: ({ ok, answer }) => [line(`${ok ? 'OK' : 'failed'}: ${answer}`)],
  });

/** One after another, each acknowledged before the next; then the last one is read back. */
export const rapidsetLoad = load({
  name: 'rapidset',
  summary: 'Set one key COUNT times, one after another, and read it back.',
  width: 1,
  specOf: rapidset,
  judge: async (sets, _, { client, options }, lastValue) => {
    const found = await client.perform({ type: 'get', key: rapidsetKey }, options);
    const ok = sameBytes(found.value, lastValue);
    const answer = `${sets} sets of ${rapidsetKey}, the last one was ${ok ? '' : 'not '}read back`;
    return { ok, answer, seen: found };
  },
});

/** As many keys, as fast as they go; then all replicas are compared. */
export const multisetLoad = load({
  name: 'multiset',
  summary: 'Set COUNT keys as fast as they go, and compare all replicas.',
  width: 64,
  specOf: multiset,
  judge: async (sets, { context, says }) => {
    const agreement = await compareReplicas(context, verifyMs, says);
    const ok = agreement.agrees && agreement.keyCount >= sets;
    const answer = `${sets} keys set, ${verdictOf(agreement)}`;
    return { ok, answer, seen: { type: 'agreement', agreement } };
  },
});

function verdictOf({ agrees, keyCount, differences, unreachable, unsettled }: Agreement): string {
  if (agrees) return `all replicas agree on ${keyCount}`;
  if (differences.length > 0) return `${differences.length} differ`;
  if (unreachable.length > 0) {
    return `not compared: ${unreachable.map(({ node }) => node).join(', ')}`;
  }
  return `still settling: ${unsettled.join(', ')}`;
}

const inScripts = { only: 'scripts', on: 'nothing', changes: false } as const;

export const wait = operation({
  name: 'wait',
  summary: 'Let time pass.',
  examples: ['wait 500ms'],
  arguments: [argument('TIME', 'duration', 'how long')],
  ...inScripts,
  run: async ({ context: { target, signal }, given }) => {
    await target.timing.sleep(toDuration(given.text('TIME') ?? '', 'TIME'), signal);
    if (signal.aborted) throw interrupted();
  },
  json: () => null,
  page: () => [],
});

export const echo = operation<string>({
  name: 'echo',
  summary: 'Print text.',
  examples: ['echo now it heals'],
  arguments: [argument('TEXT', 'words', 'what to print', { rest: true })],
  ...inScripts,
  run: async ({ given }) => given.texts('TEXT').join(' '),
  page: (text) => [line(text)],
});

export const clear = operation({
  name: 'clear',
  summary: 'Clear the screen.',
  examples: ['clear'],
  ...inScripts,
  run: async () => {},
  json: () => null,
  page: () => [{ type: 'clear screen' }],
});
