/** Operations that look at nodes as they are, or make them agree. */

import { type Agreement, verifyAgreement } from '../client/agreement.js';
import { type Found, isPresent, type NodeStore, readStore, searchNodes } from '../client/ask.js';
import type { Endpoint } from '../client/endpoint.js';
import { stabilize } from '../client/stabilize.js';
import { usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { keyFromBytes, keyToBytes } from '../core/key.js';
import { compareNodes } from '../core/node-order.js';
import { quantity } from '../core/show.js';
import { linksForVerify } from '../faults/topology.js';
import { modeHas, profileOf } from '../protocols/catalog.js';
import { featureProblem } from '../protocols/refusals.js';
import {
  bytesToJson,
  bytesToWord,
  keyToJson,
  keyToLine,
  valueToJson,
  versionToLine,
} from '../render/bytes.js';
import { line, type Page, remark, right, table } from '../render/page.js';
import type { OperationContext } from './context.js';
import { argument, keyArgument, nodeFlag, switchFlag, timeoutFlag } from './flags.js';
import {
  type Answered,
  no,
  notKnown,
  type OperationCall,
  operation,
  timeoutOf,
  yes,
} from './operation.js';

const shownCharactersMax = 60;
const shownCountMax = 10;
const none = new Uint8Array();

const capabilities = ['show what each node holds'] as const;

/** Every node's endpoint, or only that of the node asked for. */
function endpointsTo(call: OperationCall): readonly Endpoint[] {
  const { given, context } = call;
  const wanted = given.text('NODE') ?? given.flag('node');
  const all = context.target.endpoints();
  return wanted === undefined ? all : all.filter(({ node }) => node === wanted);
}

export const searchKey = operation({
  name: 'search',
  summary: 'Show what each node holds under a key; repairs nothing.',
  description:
    'Exit code 1 when no node holds a value; 2 when none that answered does, and most did not.',
  examples: ['search greeting', 'search greeting --json'],
  arguments: [keyArgument],
  flags: [nodeFlag, timeoutFlag('5s')],
  judged: ['==', 'absent', 'present'],
  changes: false,
  capabilities,
  run: async (call) => {
    const key = keyFromBytes(call.given.bytes('KEY'));
    return { key, found: await searchNodes(endpointsTo(call), key, timeoutOf(call)) };
  },
  answer: ({ found }): Answered => {
    if (found.some(isPresent)) return yes;
    // Too few nodes were asked to say that nobody has it.
    const silentCount = found.filter(({ problem }) => problem !== null).length;
    return 2 * silentCount > found.length ? notKnown('silent') : no('absent');
  },
  seen: ({ found }) => ({ type: 'copies', found }),
  json: ({ key, found }) => ({ key: keyToJson(key), nodes: found.map(copyDocument) }),
  page: ({ found }, { width }) => {
    const owners = new Set(found.flatMap(({ entry }) => entry?.owners ?? []));
    const others = found.map(({ node, entry }) => {
      return node.length + (entry === null ? 0 : versionToLine(entry.version).length);
    });
    // So that the table fits the output: quotes and ` … (1048576 bytes)` need some room, too.
    const charactersMax = Math.max(10, width - Math.max(0, ...others) - 26);
    const rows = found.map((each) => copyRow(each, owners, charactersMax));
    return [table(['NODE', 'VALUE', 'VERSION'], rows, 'any')];
  },
});

/** `owners`: the nodes that should hold the key, as far as those that do know. */
function copyRow(
  { node, entry, problem }: Found,
  owners: ReadonlySet<NodeId>,
  charactersMax: number,
): string[] {
  if (problem !== null) return [node, '(no answer)', ''];
  if (entry === null) {
    const isOwner = owners.size === 0 || owners.has(node);
    return [node, isOwner ? '(absent)' : '(keeps no copy)', ''];
  }
  const value = entry.deleted ? '(deleted)' : bytesToWord(entry.value ?? none, charactersMax);
  return [node, value, versionToLine(entry.version)];
}

function copyDocument({ node, entry, problem }: Found): unknown {
  if (problem !== null) return { node, problem };
  return {
    node,
    found: entry !== null && !entry.deleted,
    deleted: entry?.deleted ?? false,
    value: valueToJson(entry?.value ?? null),
    version: entry?.version ?? null,
    owners: entry?.owners ?? null,
  };
}

export const dump = operation<NodeStore>({
  name: 'dump',
  summary: 'Print all that one node holds, sorted by key; asks nobody else, repairs nothing.',
  description:
    'A line a key: the key and its value, as `kvx txn` and scripts take them. Bytes that are not printable text are escaped as in C, what holds blanks or is empty stands in quotes, and what is long is shortened unless --raw. With --json bytes that are no text come as {"base64": …}.',
  examples: ['dump', 'dump n2 --json', 'diff <($kvx dump n1 --raw) <($kvx dump n2 --raw)'],
  aliases: ['show-all'],
  arguments: [
    argument('NODE', 'node', 'else --node, else the first that can be reached', { optional: true }),
  ],
  flags: [nodeFlag, timeoutFlag('5s'), switchFlag('raw', 'shorten nothing')],
  judged: ['==', '!=', 'empty'],
  changes: false,
  capabilities,
  run: (call) => readStore(endpointsTo(call), timeoutOf(call)),
  seen: (store) => ({ type: 'store', store }),
  json: ({ node, entries }) => ({
    node,
    entries: entries.map(({ key, value, version, owners }) => ({
      key: keyToJson(key),
      value: bytesToJson(value ?? none),
      version,
      owners,
    })),
  }),
  page: ({ entries }, { given, where }) => {
    const charactersMax = given.has('raw') ? undefined : shownCharactersMax;
    const word = (bytes: Uint8Array): string => bytesToWord(bytes, charactersMax);
    if (entries.length === 0 && where === 'shell') return [remark('(empty)')];
    return entries.map(({ key, value }) => line(`${word(keyToBytes(key))} ${word(value ?? none)}`));
  },
});

/** Compares all replicas, once what is in flight has settled. */
export function compareReplicas(
  { target, spec, signal }: OperationContext,
  timeoutMs: Millis,
  says: (doing: string) => void,
): Promise<Agreement> {
  return verifyAgreement(target.endpoints(), {
    ...linksForVerify(spec.nodes, target.rules(), modeHas(spec.mode, 'topology')),
    ...{ timeoutMs, signal, timing: target.timing },
    onWaiting: (busy) => says(`waiting for ${busy.join(', ')} to settle`),
  });
}

export const verify = operation<Agreement>({
  name: 'verify',
  summary: 'Do all replicas agree? Exit code 1 when not.',
  description:
    "Waits until what is in flight has settled, then compares every node's store, key by key over the key's owners. A node that can't be reached is named. Exit code 2, unknown, when those that were reached agree but not all were, or when stores differ while work is still under way.",
  examples: ['verify', 'verify --timeout 30s --json'],
  flags: [timeoutFlag('15s', 'how long to wait for replicas to settle and to converge')],
  judged: ['agree', 'differ'],
  changes: false,
  capabilities,
  run: (call) => compareReplicas(call.context, timeoutOf(call), call.says),
  answer: agreementAnswer,
  seen: (agreement) => ({ type: 'agreement', agreement }),
  json: (agreement) => {
    const differences = agreement.differences.map(({ key, held }) => ({
      key: keyToJson(key),
      held,
    }));
    return { ...agreement, differences };
  },
  page: agreementPage,
});

/**
 * What differs while writes are under way may be about to agree, and a node that was not reached may hold anything: then
 * nobody knows.
 */
function agreementAnswer({ agrees, differences, unsettled, unreachable }: Agreement): Answered {
  if (agrees) return yes;
  if (differences.length === 0) {
    return notKnown(`not reached: ${unreachable.map(({ node }) => node).join(', ')}`);
  }
  return unsettled.length > 0 ? notKnown('unsettled') : no('differ');
}

/** `agree`, or the first differences by key and node. */
function agreementPage(agreement: Agreement): Page {
  const { agrees, keyCount, copyCount, differences, unreachable, unsettled } = agreement;
  const moreCount = differences.length - shownCountMax;
  const compared = `${quantity(keyCount, 'key')}, ${quantity(copyCount, 'copy', 'copies')}`;
  const differ = differences.length === 1 ? 'differs' : 'differ';
  const sum = agrees
    ? [line('agree'), remark(`Compared ${compared}.`)]
    : differences.length > 0
      ? [remark(`${differences.length} of ${quantity(keyCount, 'key')} ${differ}`)]
      : [remark(`The nodes that were reached agree: ${compared}.`)];
  const unsettledNote = remark(`Still settling when time ran out: ${unsettled.join(', ')}.`);
  return [
    ...differences.slice(0, shownCountMax).map(differenceLine),
    ...(moreCount > 0 ? [line(`and ${quantity(moreCount, 'key')} more; --json has them all`)] : []),
    ...unreachable.map(({ node, why }) => line(`not compared ${node}: ${why}`)),
    ...sum,
    ...(unsettled.length > 0 ? [unsettledNote] : []),
  ];
}

function differenceLine({ key, held }: Agreement['differences'][number]) {
  const copies = [...held]
    // Where copies lie differs from key to key; lines are compared with each other.
    .sort((a, b) => compareNodes(a.node, b.node))
    .map(({ node, version }) => `${node}=${version === null ? 'absent' : versionToLine(version)}`);
  return line(`differ ${keyToLine(key, shownCharactersMax)} ${copies.join(' ')}`);
}

export const stabilizeCluster = operation({
  name: 'stabilize',
  summary:
    'Let every value reach every node that it can reach, over any chain of links (mode gossip).',
  description:
    'Returns when each connected part has converged, and prints the parts. Writes acknowledged before are in; those that come meanwhile need not be. Exit code 2 when time ran out: what has converged so far stays so.',
  examples: ['stabilize', 'stabilize --timeout 2m --json'],
  flags: [timeoutFlag('30s', 'how long it may take, all parts together')],
  changes: false,
  run: async (call) => {
    const { target, spec } = call.context;
    const problem = featureProblem(profileOf(spec.mode), 'stabilize');
    if (problem !== null) {
      throw usageError(problem, '`kvx verify` waits for its replicas to agree.');
    }
    const onAsking = (node: NodeId): void => call.says(`stabilizing the part of ${node}`);
    const options = { timeoutMs: timeoutOf(call), timing: target.timing, onAsking };
    return { cluster: spec.name, ...(await stabilize(target.endpoints(), options)) };
  },
  page: ({ parts, unreachable }) => [
    table(
      [...['PART', 'NODES'], right('ROUNDS'), right('MESSAGES')],
      parts.map(({ nodes, rounds, messages }, at) =>
        [at + 1, [...nodes].sort(compareNodes).join(' '), rounds, messages].map(String),
      ),
    ),
    ...unreachable.map(({ node, why }) => remark(`${node} is in no part: ${why}`)),
  ],
});
