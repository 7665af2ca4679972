/** Commands that look at nodes as they are, or make them agree. */
import { agreementAnswer, printAgreement } from '../../cli/agreement-report.js';
import { printSearch } from '../../cli/search-report.js';
import { checkStabilizes, printStabilization } from '../../cli/stabilize-report.js';
import { printStore } from '../../cli/store-report.js';
import { toNode } from '../../cli/values.js';
import { verifyAgreement } from '../../client/agreement.js';
import type { Endpoint } from '../../client/endpoint.js';
import { isPresent, searchNodes } from '../../client/search.js';
import { stabilize as stabilizeParts } from '../../client/stabilize.js';
import { readStore } from '../../client/store.js';
import { keyFromBytes } from '../../core/key.js';
import { linksForVerify } from '../../faults/topology.js';
import { relayingModes } from '../../protocols/relaying.js';
import { exitCodes } from '../../render/failure.js';
import type { ScriptContext } from '../context.js';
import { type Action, bytesOf, done, flagOf, textsOf, timeoutOf } from './action.js';

const lookMs = 5_000;
const verifyMs = 15_000;
const stabilizeMs = 30_000;

function endpointsTo(
  { target, spec }: ScriptContext,
  node: string | undefined,
): readonly Endpoint[] {
  if (node === undefined) return target.endpoints();
  const wanted = toNode(node, spec.nodes);
  return target.endpoints().filter((endpoint) => endpoint.node === wanted);
}

const search: Action = async (call) => {
  const key = keyFromBytes(bytesOf(call, 'KEY'));
  const endpoints = endpointsTo(call.context, flagOf(call, 'node'));
  const found = await searchNodes(endpoints, key, timeoutOf(call, lookMs));
  const isThere = found.some(isPresent);
  return {
    failure: isThere ? null : 'absent',
    exitCode: isThere ? exitCodes.yes : exitCodes.no,
    seen: { type: 'copies', found },
    print: (how) => printSearch(key, found, how),
  };
};

const dump: Action = async (call) => {
  const [node = flagOf(call, 'node')] = textsOf(call, 'NODE');
  const store = await readStore(endpointsTo(call.context, node), timeoutOf(call, lookMs));
  return {
    ...{ failure: null, exitCode: exitCodes.yes },
    seen: { type: 'store', store },
    print: (how) => printStore(store, how),
  };
};

const verify: Action = async (call) => {
  const { target, spec, signal } = call.context;
  const agreement = await verifyAgreement(target.endpoints(), {
    ...linksForVerify(spec.nodes, target.rules(), relayingModes.includes(spec.mode)),
    timeoutMs: timeoutOf(call, verifyMs),
    timing: target.timing,
    signal,
  });
  return {
    ...agreementAnswer(agreement),
    seen: { type: 'agreement', agreement },
    print: (how) => printAgreement(agreement, how),
  };
};

const stabilize: Action = async (call) => {
  const { target, spec } = call.context;
  checkStabilizes(spec.mode);
  const timeoutMs = timeoutOf(call, stabilizeMs);
  const parts = await stabilizeParts(target.endpoints(), { timeoutMs, timing: target.timing });
  return done((how) => printStabilization(spec.name, parts, how));
};

export const lookActions: ReadonlyMap<string, Action> = new Map([
  ['search', search],
  ['dump', dump],
  ['verify', verify],
  ['stabilize', stabilize],
]);
