/**
 * The loads of the coursework clients: many sets of one key, or one set of each of many keys. As in `kvx bench`, a set that
 * fails is tried again for half a minute, and the first that fails even so ends the load.
 */
import type { Agreement } from '../client/agreement.js';
import { timeoutMsDefault } from '../client/client.js';
import type { Millis } from '../core/ids.js';
import type { KeyOperation } from '../core/operation.js';
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
import type { ArgumentSpec } from './arguments.js';
import { keyFlags } from './flags.js';
import { compareReplicas } from './looks.js';
import {
  no,
  type OperationCall,
  type OperationWords,
  operation,
  type SeenResult,
  yes,
} from './operation.js';

/** Longer than any take-over or recovery lasts. */
const insistMs: Millis = 30_000;
const verifyMs: Millis = 60_000;
/** Sets under way at a time, where they need not wait for each other. */
const widthMax = 64;

const count: ArgumentSpec = { name: 'COUNT', kind: 'count', description: 'how many' };

type Put = Extract<KeyOperation, { type: 'put' }>;

interface Loaded {
  readonly ok: boolean;
  readonly answer: string;
  readonly seen: SeenResult;
}

function load(
  words: Pick<OperationWords, 'name' | 'summary'>,
  run: (call: OperationCall) => Promise<Loaded>,
) {
  return operation<Loaded>({
    ...words,
    examples: [`${words.name} 1000`],
    arguments: [count],
    flags: keyFlags,
    only: 'scripts',
    run,
    answer: ({ ok }) => (ok ? yes : no('differ')),
    seen: ({ seen }) => seen,
    json: ({ ok, answer }) => ({ ok, answer }),
    page: ({ ok, answer }) => [line(`${ok ? 'OK' : 'failed'}: ${answer}`)],
  });
}

function loadOf(
  { context, asker, given, timeoutMsMax }: OperationCall,
  specOf: (valueBytes: number, sets: number) => OperationSpec,
) {
  const { client, options } = context.clientFor(asker, given.flags, timeoutMsMax);
  const { timeoutMs: attemptMs = timeoutMsDefault } = options;
  const timeoutMs = Math.min(insistMs, timeoutMsMax);
  const run = Math.floor(context.target.timing.random() * 2 ** 32);
  const sets = Number(given.text('COUNT'));
  return {
    ...{ client, sets },
    options: { ...options, timeoutMs, attemptMs, retry: 'always' } as const,
    generator: new OperationGenerator(
      specOf(uniqueValueBytesMin, sets),
      markOf(run),
      new SeededRandom(run),
    ),
  };
}

/** One after another, each acknowledged before the next; then the last one is read back. */
export const rapidsetLoad = load(
  { name: 'rapidset', summary: 'Set one key COUNT times, one after another, and read it back.' },
  async (call) => {
    const { client, options, sets, generator } = loadOf(call, rapidset);
    for (let number = 0; number < sets && !call.context.signal.aborted; number++) {
      const { key, value } = generator.next() as Put;
      await client.perform({ type: 'put', key, value }, options);
    }
    const found = await client.perform({ type: 'get', key: rapidsetKey }, options);
    const ok = sameBytes(found.value, generator.valueOf(sets - 1));
    const answer = `${sets} sets of ${rapidsetKey}, the last one was ${ok ? '' : 'not '}read back`;
    return { ok, answer, seen: found };
  },
);

/** As many keys, as fast as they go; then all replicas are compared. */
export const multisetLoad = load(
  { name: 'multiset', summary: 'Set COUNT keys as fast as they go, and compare all replicas.' },
  async (call) => {
    const { context } = call;
    const { client, options, sets, generator } = loadOf(call, multiset);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < sets && !context.signal.aborted) {
        next++;
        const { key, value } = generator.next() as Put;
        await client.perform({ type: 'put', key, value }, options).catch((error) => {
          // Then the others need not go on either.
          next = sets;
          throw error;
        });
      }
    };
    await Promise.all(Array.from({ length: Math.min(widthMax, sets) }, work));
    const agreement = await compareReplicas(context, verifyMs, call.says);
    const ok = agreement.agrees && agreement.keyCount >= sets;
    const answer = `${sets} keys set, ${verdictOf(agreement)}`;
    return { ok, answer, seen: { type: 'agreement', agreement } };
  },
);

function verdictOf({ agrees, keyCount, differences, unreachable, unsettled }: Agreement): string {
  if (agrees) return `all replicas agree on ${keyCount}`;
  if (differences.length > 0) return `${differences.length} differ`;
  if (unreachable.length > 0) {
    return `not compared: ${unreachable.map(({ node }) => node).join(', ')}`;
  }
  return `still settling: ${unsettled.join(', ')}`;
}
