/** The loads of the coursework clients: many sets of one key, or one set of each of many keys. */
import { type Agreement, verifyAgreement } from '../../client/agreement.js';
import type { Client } from '../../client/client.js';
import type { OperationOptions } from '../../client/pending-operation.js';
import { KvxError } from '../../core/errors.js';
import type { KeyOperation } from '../../core/operation.js';
import { SeededRandom } from '../../core/random.js';
import { linksForVerify } from '../../faults/topology.js';
import { relayingModes } from '../../protocols/relaying.js';
import { exitCodes } from '../../render/failure.js';
import { printJson, printLine } from '../../render/output.js';
import {
  multiset as multisetOf,
  rapidsetKey,
  rapidset as rapidsetOf,
} from '../../workload/sets.js';
import { uniqueValueBytesMin, uniqueValues } from '../../workload/values.js';
import { optionsOf, type ScriptContext } from '../context.js';
import { type Action, type Call, textsOf } from './action.js';

const valueBytes = uniqueValueBytesMin;
/** Sets under way at a time, where they need not wait for each other. */
const widthMax = 64;
const verifyMs = 60_000;

type Put = Extract<KeyOperation, { type: 'put' }>;

interface Load {
  readonly count: number;
  readonly client: Client;
  readonly options: OperationOptions;
  readonly valueFor: (number: number) => Uint8Array;
}

function loadOf(call: Call): Load {
  const { context, scriptClient, invocation, timeoutMsMax } = call;
  const { client, asking } = context.clientFor(scriptClient, invocation.flags);
  const run = Math.floor(context.target.timing.random() * 2 ** 32);
  return {
    count: Number(textsOf(call, 'COUNT')[0]),
    client,
    options: optionsOf(asking, timeoutMsMax),
    valueFor: uniqueValues(run, valueBytes),
  };
}

/** Sets that were not acknowledged, by why: a load goes on after them, as `kvx bench` does. */
class Failures {
  readonly #counts = new Map<string, number>();
  #first: unknown = null;
  count = 0;

  /** Rethrows what no other set would fare better with: it is not the cluster's. */
  add(error: unknown): void {
    const isTheirs = error instanceof KvxError && !notTheirs.includes(error.code);
    if (!isTheirs) throw error;
    this.#first ??= error;
    this.count += 1;
    this.#counts.set(error.code, (this.#counts.get(error.code) ?? 0) + 1);
  }

  /** Throws when there was nothing else. */
  check(count: number): void {
    if (count > 0 && this.count >= count) throw this.#first;
  }

  /** ` (2 timeout, 1 unavailable)`. */
  toString(): string {
    const kinds = [...this.#counts].map(([code, count]) => `${count} ${code}`);
    return kinds.length === 0 ? '' : ` (${kinds.join(', ')})`;
  }
}

const notTheirs: readonly string[] = ['bug', 'bad-request', 'config', 'interrupted', 'cluster'];

/** One after another, each acknowledged or failed before the next; then the last one is read back. */
const rapidset: Action = async (call) => {
  const { count, client, options, valueFor } = loadOf(call);
  const workload = rapidsetOf(valueFor);
  const random = new SeededRandom(0);
  const failures = new Failures();
  /** The last that was acknowledged, and those after it that may have taken effect. */
  let possible: Uint8Array[] = [];
  for (let number = 0; number < count && !call.context.signal.aborted; number++) {
    const { key, value } = workload(number, random) as Put;
    try {
      await client.put(key, value, options);
      possible = [value];
    } catch (error) {
      failures.add(error);
      if (!(error as KvxError).definite) possible.push(value);
    }
  }
  failures.check(count);
  const { value, version, node } = await client.get(rapidsetKey, options);
  const isLast = value !== null && possible.some((each) => Buffer.compare(value, each) === 0);
  const sets = setsOf(count, failures);
  const answer = `${sets} of ${rapidsetKey}${failures}, the last one was ${isLast ? '' : 'not '}read back`;
  return {
    ...(isLast ? held : failed('differ')),
    seen: { type: 'value', value, version, node },
    print: answering(isLast, answer),
  };
};

const setsOf = (count: number, { count: failedCount }: Failures): string =>
  failedCount === 0 ? `${count} sets` : `${count - failedCount} of ${count} sets`;

/** As many keys, as fast as they go; then all replicas are compared. */
const multiset: Action = async (call) => {
  const { context } = call;
  const { count, client, options, valueFor } = loadOf(call);
  const workload = multisetOf(valueFor);
  const random = new SeededRandom(0);
  const failures = new Failures();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count && !context.signal.aborted) {
      const { key, value } = workload(next++, random) as Put;
      try {
        await client.put(key, value, options);
      } catch (error) {
        const reached = next;
        // Should this be thrown on, the others need not go on either.
        next = count;
        failures.add(error);
        next = reached;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(widthMax, count) }, work));
  failures.check(count);
  const agreement = await compare(context);
  const { agrees, keyCount } = agreement;
  const acknowledged = count - failures.count;
  const isRight = agrees && keyCount >= acknowledged;
  const keys = failures.count === 0 ? `${count} keys set` : `${acknowledged} of ${count} keys set`;
  return {
    ...(isRight ? held : failed('differ')),
    seen: { type: 'agreement', agreement },
    print: answering(isRight, `${keys}${failures}, ${verdictOf(agreement)}`),
  };
};

function verdictOf({ agrees, keyCount, differences, unreachable, unsettled }: Agreement): string {
  if (agrees) return `all replicas agree on ${keyCount}`;
  if (differences.length > 0) return `${differences.length} differ`;
  if (unreachable.length > 0) {
    return `not compared: ${unreachable.map(({ node }) => node).join(', ')}`;
  }
  return `still settling: ${unsettled.join(', ')}`;
}

const held = { failure: null, exitCode: exitCodes.yes };
const failed = (failure: string) => ({ failure, exitCode: exitCodes.no });

const answering =
  (ok: boolean, answer: string) =>
  ({ json }: { readonly json: boolean }): void => {
    if (json) printJson({ ok, answer });
    else printLine(`${ok ? 'OK' : 'failed'}: ${answer}`);
  };

function compare({ target, spec, signal }: ScriptContext) {
  return verifyAgreement(target.endpoints(), {
    ...linksForVerify(spec.nodes, target.rules(), relayingModes.includes(spec.mode)),
    timeoutMs: verifyMs,
    timing: target.timing,
    signal,
  });
}

export const loadActions: ReadonlyMap<string, Action> = new Map([
  ['rapidset', rapidset],
  ['multiset', multiset],
]);
