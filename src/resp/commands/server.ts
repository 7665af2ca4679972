/** Commands about the node: INFO, CONFIG, TIME, WAIT, CLUSTER. */
import { type Command, CommandError, type RespClient, type RespNode } from '../command.js';
import { copiesOfWrites } from '../copies.js';
import { globMatcher } from '../glob.js';
import { respLimits } from '../limits.js';
import { array, errorReply, integer, type RespReply, textReply } from '../replies.js';
import { integerWord, textOfWord, upperWord } from '../words.js';
import { containerCommand } from './container.js';
import { infoText } from './info.js';

const flags = ['noscript', 'loading', 'stale'];
const head = { kind: 'plain', keys: [0, 0, 0], group: 'server' } as const;

const configCommand = containerCommand(
  { ...{ name: 'CONFIG', flags: [], group: 'server' }, summary: 'What the node is set to.' },
  [
    {
      ...{ name: 'GET', arity: -3, flags: ['admin', ...flags], takes: '<pattern> [<pattern> ...]' },
      summary: 'The settings whose names match.',
      run([, , ...patterns], { node }) {
        const matchers = patterns.map((pattern) => globMatcher(textOfWord(pattern), true));
        const entries = configOf(node)
          .filter(([name]) => matchers.some((matches) => matches(name)))
          .map(([name, value]) => [textReply(name), textReply(value)] as const);
        return { type: 'map', entries };
      },
    },
    {
      ...{ name: 'SET', arity: -4, flags: ['admin', ...flags], takes: '<name> <value> ...' },
      summary: 'Refused: a cluster is configured when it is started.',
      run: ([, , name]) =>
        errorReply(
          `ERR CONFIG SET failed (possibly related to argument '${textOfWord(name as Uint8Array)}') - a kvx cluster is configured by \`kvx cluster up\``,
        ),
    },
    {
      ...{ name: 'RESETSTAT', arity: 2, flags: ['admin', ...flags] },
      summary: 'Counts from 0 again.',
      run(_, { node }) {
        Object.assign(node.counts, { clients: 0, commands: 0 });
        return { type: 'simple', text: 'OK' };
      },
    },
  ],
);

/** What is set, under Redis' names. */
function configOf(node: RespNode): readonly (readonly [string, string])[] {
  return [
    ['save', ''],
    ['appendonly', 'yes'],
    ['appendfsync', node.isDurable ? 'always' : 'no'],
    ['databases', '1'],
    ['maxclients', String(node.clientsMax)],
    ['maxmemory', '0'],
    ['maxmemory-policy', 'noeviction'],
    ['timeout', '0'],
    ['port', String(node.port)],
    ['proto-max-bulk-len', String(respLimits.argumentBytesMax)],
    ['cluster-enabled', 'no'],
    ['notify-keyspace-events', ''],
  ];
}

const noCluster = errorReply('ERR This instance has cluster support disabled');
const ofCluster = [
  ...[
    ['INFO', 2],
    ['MYID', 2],
    ['NODES', 2],
    ['SLOTS', 2],
    ['SHARDS', 2],
    ['KEYSLOT', 3],
  ],
] as const;

const clusterCommand = containerCommand(
  {
    ...{ name: 'CLUSTER', flags: [], group: 'cluster' },
    summary: 'Of Redis Cluster, which this is not.',
  },
  ofCluster.map(([name, arity]) => ({
    ...{ name, arity, flags: ['stale'], summary: 'Refused.', run: () => noCluster },
  })),
);

export const serverCommands: readonly Command[] = [
  {
    ...{ ...head, name: 'INFO', arity: -1, flags: ['loading', 'stale'] },
    summary: 'What the node does, in sections.',
    run: ([, ...sections], { node }) => ({
      ...{ type: 'verbatim', text: infoText(node, sections.map(upperWord)) },
    }),
  },
  configCommand,
  clusterCommand,
  {
    ...{ ...head, name: 'TIME', arity: 1, flags: ['loading', 'stale', 'fast'] },
    summary: 'The clock of this node: seconds, and microseconds above them.',
    run(_, { node }) {
      const microseconds = Math.round(node.wallClock() * 1000);
      const parts = [Math.floor(microseconds / 1e6), microseconds % 1e6];
      return array(parts.map((part) => textReply(String(part))));
    },
  },
  {
    ...{ ...head, name: 'WAIT', arity: 3, flags: ['noscript'], group: 'generic' },
    summary: 'How many other nodes are known to have the acknowledged writes of this connection.',
    isAlone: true,
    run: wait,
  },
];

/** Nobody learns more by waiting: what is acknowledged is known to be at so many nodes, and no more is ever told. */
function wait([, wanted, timeout]: readonly Uint8Array[], client: RespClient): RespReply {
  integerWord(wanted as Uint8Array);
  const timeoutMs = integerWord(timeout as Uint8Array, 'timeout is not an integer or out of range');
  if (timeoutMs < 0) throw new CommandError('ERR timeout is negative');
  return integer(copiesOfWrites(client));
}
