/** The loads of the coursework clients: many sets of one key, or one set of each of many keys. */
import { verifyAgreement } from '../../client/agreement.js';
import type { Client, OperationOptions } from '../../client/client.js';
import type { KeyOperation } from '../../core/operation.js';
import { SeededRandom } from '../../core/random.js';
import { linksForVerify } from '../../faults/topology.js';
import { relayingModes } from '../../protocols/relaying.js';
import { exitCodes } from '../../report/failure.js';
import { printJson, printLine } from '../../report/output.js';
import {
  multiset as multisetOf,
  rapidsetKey,
  rapidset as rapidsetOf,
} from '../../workload/sets.js';
import { uniqueValueBytesMin, uniqueValues } from '../../workload/values.js';
import { optionsOf, type Stage } from '../stage.js';
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
  const { stage, speaker, invocation, timeoutMsMax } = call;
  const { client, asking } = stage.clientFor(speaker, invocation.flags);
  const run = Math.floor(stage.arena.timing.random() * 2 ** 32);
  return {
    count: Number(textsOf(call, 'COUNT')[0]),
    client,
    options: optionsOf(asking, timeoutMsMax),
    valueFor: uniqueValues(run, valueBytes),
  };
}

/** One after another, each acknowledged before the next; then the last one is read back. */
const rapidset: Action = async (call) => {
  const { count, client, options, valueFor } = loadOf(call);
  const workload = rapidsetOf(valueFor);
  const random = new SeededRandom(0);
  for (let number = 0; number < count && !call.stage.signal.aborted; number++) {
    const { key, value } = workload(number, random) as Put;
    await client.put(key, value, options);
  }
  const { value, version, node } = await client.get(rapidsetKey, options);
  const isLast = value !== null && Buffer.compare(value, valueFor(count - 1)) === 0;
  const answer = `${count} sets of ${rapidsetKey}, the last one was ${isLast ? '' : 'not '}read back`;
  return {
    ...(isLast ? held : failed('differ')),
    seen: { type: 'value', value, version, node },
    print: answering(isLast, answer),
  };
};

/** As many keys, as fast as they go; then all replicas are compared. */
const multiset: Action = async (call) => {
  const { stage } = call;
  const { count, client, options, valueFor } = loadOf(call);
  const workload = multisetOf(valueFor);
  const random = new SeededRandom(0);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count && !stage.signal.aborted) {
      const { key, value } = workload(next++, random) as Put;
      try {
        await client.put(key, value, options);
      } catch (error) {
        // The others need not go on either.
        next = count;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(widthMax, count) }, work));
  const agreement = await compare(stage);
  const { agrees, keyCount, differences } = agreement;
  const isRight = agrees && keyCount >= count;
  const verdict = agrees ? `all replicas agree on ${keyCount}` : `${differences.length} differ`;
  return {
    ...(isRight ? held : failed('differ')),
    seen: { type: 'agreement', agreement },
    print: answering(isRight, `${count} keys set, ${verdict}`),
  };
};

const held = { failure: null, exitCode: exitCodes.yes };
const failed = (failure: string) => ({ failure, exitCode: exitCodes.no });

const answering =
  (ok: boolean, answer: string) =>
  ({ json }: { readonly json: boolean }): void => {
    if (json) printJson({ ok, answer });
    else printLine(`${ok ? 'OK' : 'failed'}: ${answer}`);
  };

function compare({ arena, spec, signal }: Stage) {
  return verifyAgreement(arena.doors(), {
    ...linksForVerify(spec.nodes, arena.rules(), relayingModes.includes(spec.mode)),
    timeoutMs: verifyMs,
    timing: arena.timing,
    signal,
  });
}

export const loadActions: ReadonlyMap<string, Action> = new Map([
  ['rapidset', rapidset],
  ['multiset', multiset],
]);
