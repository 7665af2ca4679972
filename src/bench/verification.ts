/** What is looked at when a load is over. */
import { type Agreement, type VerifyOptions, verifyAgreement } from '../client/agreement.js';
import { Client } from '../client/client.js';
import type { Endpoint } from '../client/endpoint.js';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { SeededRandom } from '../core/random.js';
import { type ErrorResult, errorResult, sameBytes } from '../core/results.js';
import { markOf, OperationGenerator, rapidsetKey } from '../workload/generator.js';
import { clientOptions, type PartSetup, specOf } from './part.js';

/** What the end of a workload promises, and whether it was so. */
export type Verification =
  | {
      readonly type: 'read-back';
      readonly passed: boolean;
      readonly expected: Uint8Array;
      /** `null`: the key is absent. */
      readonly found: Uint8Array | null;
    }
  | (Omit<Agreement, 'agrees' | 'differences'> & {
      readonly type: 'agreement';
      readonly passed: boolean;
      readonly differenceCount: number;
    });

const verifyMsMax: Millis = 60_000;

export interface Verifiable {
  /** All nodes of the cluster, to be compared at the end. */
  replicas(): readonly Endpoint[];
  /** Links are cut on purpose: replicas that differ will go on to. */
  readonly linksCut: boolean;
  readonly cuts?: NonNullable<VerifyOptions['cuts']>;
}

/** `null`: the workload promises nothing, or it was interrupted. */
export async function verifyLoad(
  setup: PartSetup,
  { replicas, linksCut, cuts = [] }: Verifiable,
  onWaiting: (nodes: readonly NodeId[]) => void,
): Promise<Verification | ErrorResult | null> {
  const { signal, timing } = setup;
  const { workload, operationsMax } = setup.plan;
  try {
    if (workload === 'rapidset') return await readBack(setup);
    if (workload !== 'multiset') return null;
    const how = { timing, timeoutMs: verifyMsMax, linksCut, cuts, signal, onWaiting };
    const { agrees, differences, ...compared } = await verifyAgreement(replicas(), how);
    // Replicas may also agree on having lost something.
    const passed = agrees && compared.keyCount >= operationsMax;
    return { type: 'agreement', passed, ...compared, differenceCount: differences.length };
  } catch (error) {
    if (!(error instanceof KvxError)) throw error;
    if (signal.aborted) return null;
    return errorResult(error.code, error.definite, error.message);
  }
}

async function readBack(setup: PartSetup): Promise<Verification | ErrorResult | null> {
  const { plan, endpoints, recorder, signal, keyPrefix } = setup;
  const spec = specOf(plan, keyPrefix);
  const generator = new OperationGenerator(spec, markOf(plan.seed), new SeededRandom(plan.seed));
  const expected = generator.valueOf(plan.operationsMax - 1);
  const client = new Client(endpoints, {
    ...clientOptions(setup),
    record: recorder?.client() ?? null,
  });
  const aborted = new Promise<null>((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  try {
    const reading = client.execute({ type: 'get', key: rapidsetKey });
    const answer = await Promise.race([reading, aborted]);
    if (answer === null) return null;
    const { result } = answer;
    if (result.type === 'error') return result;
    const found = result.type === 'value' ? result.value : null;
    return { type: 'read-back', passed: sameBytes(expected, found), expected, found };
  } finally {
    client.close();
  }
}
