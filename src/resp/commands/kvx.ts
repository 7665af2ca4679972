/** What Redis has no word for. */
import { isPresent, searchNodes } from '../../client/ask.js';
import { Session } from '../../client/session.js';
import { keyFromText } from '../../core/key.js';
import type { Level } from '../../core/operation.js';
import { type Guarantee, guarantees } from '../../core/session.js';
import { decodeUtf8 } from '../../core/utf8.js';
import { levelProblem } from '../../protocols/refusals.js';
import { integerOf, keyAt } from '../arguments.js';
import { type Command, CommandError, type RespClient, type RespNode } from '../command.js';
import type { Words } from '../parser.js';
import { array, bulk, integer, nothing, ok, type RespReply, textReply } from '../replies.js';
import { syntaxError, textOfWord, upperWord } from '../words.js';

const head = { kind: 'plain', keys: [0, 0, 0], group: 'kvx' } as const;
const flags = ['readonly', 'loading', 'stale', 'fast'];

export const kvxCommands: readonly Command[] = [
  {
    ...{ ...head, name: 'KVX.LEVEL', arity: -1, flags, isAlone: true },
    summary: 'The level of this connection: says it, or takes a name, a number or DEFAULT.',
    run: level,
  },
  {
    ...{ ...head, name: 'KVX.SESSION', arity: -1, flags, isAlone: true },
    summary:
      'The session of this connection: says it, or takes NAME, ON or OFF, and GUARANTEES and their names.',
    run: session,
  },
  {
    ...{ ...head, name: 'KVX.STALE', arity: -1, flags, isAlone: true },
    summary: 'WORST [SEED]: reads return the stalest value that is legal; OFF: what they find.',
    run: stale,
  },
  {
    ...{ ...head, name: 'KVX.NODE', arity: 1, flags },
    summary: 'The node that this is.',
    run: (_, { node }) => textReply(node.node),
  },
  {
    ...{ ...head, name: 'KVX.NODES', arity: 1, flags },
    summary: 'The nodes of the cluster.',
    run: (_, { node }) => array(node.nodes().map(textReply)),
  },
  {
    ...{ ...head, name: 'KVX.MODE', arity: 1, flags },
    summary: 'The mode of the cluster.',
    run: (_, { node }) => textReply(node.mode.name),
  },
  {
    ...{ ...head, name: 'KVX.STATUS', arity: 1, flags },
    summary: 'How this node is, as `kvx node status` says it.',
    run: (_, { node }) => statusOf(node),
  },
  {
    ...{ ...head, name: 'KVX.SEARCH', arity: 2, flags: ['readonly'], keys: [1, 1, 1] },
    summary: 'What each node holds under a key: node, state, value, version. Repairs nothing.',
    run: search,
  },
  {
    ...{ ...head, name: 'KVX.FAULT', arity: -2, flags: ['admin', 'noscript'], isAlone: true },
    summary: 'Does what `kvx fault …` does: LIST, PARTITION n1/n2,n3, ISOLATE n1, HEAL, …',
    run: fault,
  },
  {
    ...{ ...head, name: 'KVX.HELP', arity: 1, flags },
    summary: 'Prints this help.',
    run: () =>
      array(
        kvxCommands.flatMap(({ name, summary }) => [
          { type: 'simple', text: name },
          { type: 'simple', text: `    ${summary}` },
        ]),
      ),
  },
];

function level([, word, ...more]: Words, client: RespClient): RespReply {
  if (more.length > 0) throw syntaxError();
  if (word === undefined) return textReply(String(client.level ?? 'default'));
  const said = textOfWord(word.subarray(0, 40)).toLowerCase();
  const wanted = said === 'default' ? null : ((/^\d+$/.test(said) ? Number(said) : said) as Level);
  const { mode } = client.node;
  const problem = wanted === null ? null : levelProblem(mode, wanted, replicasOf(client.node));
  if (problem !== null) throw new CommandError(`ERR ${problem}`);
  client.level = wanted;
  client.levelsUsed.add(wanted);
  return ok;
}

/** Of each key, where a level may ask for too many. */
function replicasOf({ modeOptions, nodes }: RespNode): number | null {
  const { replicas } = modeOptions as { readonly replicas?: number };
  return replicas === undefined ? null : Math.min(replicas, nodes().length);
}

async function session([, word, ...options]: Words, client: RespClient): Promise<RespReply> {
  if (word === undefined) return sessionReply(client);
  const name = textOfWord(word.subarray(0, 64));
  const said = name.toUpperCase();
  const wanted = guaranteesIn(options);
  if (said === 'OFF' && wanted !== null) throw syntaxError();
  const { sessions } = client.node;
  const isNamed = said !== 'ON' && said !== 'OFF';
  const next = isNamed ? sessions.take(name, wanted) : new Session(wanted ?? undefined);
  const key = keyFromText('');
  const problem =
    said === 'OFF' ? null : next.problemWith({ type: 'get', key }, client.node.mode.sessions);
  if (problem !== null) {
    if (isNamed) await sessions.leave(name);
    throw new CommandError(`ERR ${problem}`);
  }
  const { sessionName: before } = client;
  client.session = said === 'OFF' ? null : next;
  client.sessionName = isNamed ? name : null;
  if (before !== null) await sessions.leave(before);
  return ok;
}

function sessionReply({ session: kept, sessionName }: RespClient): RespReply {
  return mapOf([
    ['session', textReply(kept === null ? 'off' : (sessionName ?? 'on'))],
    ['guarantees', array((kept?.guarantees ?? []).map(textReply))],
  ]);
}

/** Names, or their initials, or ALL, apart by blanks or commas; `null`: nothing is said. */
function guaranteesIn([option, ...words]: Words): readonly Guarantee[] | null {
  if (option === undefined) return null;
  if (upperWord(option) !== 'GUARANTEES' || words.length === 0) throw syntaxError();
  const said = words.flatMap((word) => textOfWord(word).toLowerCase().split(','));
  if (said.includes('all')) return guarantees;
  return said.map((name) => {
    const initials = (each: Guarantee): string => each.replace(/(\w)\w*-?/g, '$1');
    const found = guarantees.find((each) => each === name || initials(each) === name);
    if (found !== undefined) return found;
    throw new CommandError(`ERR there is no guarantee ${name}; they are ${guarantees.join(', ')}`);
  });
}

function stale([, word, seed, ...more]: Words, { node, source }: RespClient): RespReply {
  if (more.length > 0) throw syntaxError();
  if (word === undefined)
    return textReply(source.worst === undefined ? 'default' : source.worst ? 'worst' : 'off');
  const said = upperWord(word);
  if (said === 'OFF' && seed === undefined) node.readWorst(source, null);
  else if (said !== 'WORST') throw syntaxError();
  else {
    const chosen = seed === undefined ? node.timing.random() * 2 ** 32 : Number(integerOf(seed));
    node.readWorst(source, Math.floor(Math.abs(chosen)));
  }
  return ok;
}

function statusOf(node: RespNode): RespReply {
  const { role, keyCount, unsettledCount, suspects, facts, journalAppended, journalDurable } =
    node.status();
  const said: readonly (readonly [string, string | number])[] = [
    ['node', node.node],
    ['cluster', node.cluster],
    ['mode', node.mode.name],
    ['role', role],
    ['keys', keyCount],
    ['unsettled', unsettledCount],
    ['suspects', suspects.join(' ')],
    ['journal', journalAppended],
    ['journal lag', journalAppended - journalDurable],
    ...facts,
  ];
  return mapOf(
    said.map(([name, value]) => [
      name,
      typeof value === 'number' && Number.isSafeInteger(value)
        ? integer(value)
        : textReply(String(value)),
    ]),
  );
}

const searchMs = 2_000;

async function search(words: Words, { node }: RespClient): Promise<RespReply> {
  const found = await searchNodes(node.endpoints(), keyAt(words, 1), searchMs);
  return array(
    found.map((each) => {
      const { entry, problem } = each;
      const state =
        problem !== null
          ? 'no answer'
          : isPresent(each)
            ? 'present'
            : entry === null
              ? 'absent'
              : 'deleted';
      return mapOf([
        ['node', textReply(each.node)],
        ['state', textReply(state)],
        ['value', entry === null || entry.deleted ? nothing : bulk(entry.value)],
        [
          'version',
          entry === null ? nothing : textReply(`${entry.version.stamp}@${entry.version.node}`),
        ],
      ]);
    }),
  );
}

async function fault([, ...words]: Words, { node, name, id }: RespClient): Promise<RespReply> {
  const texts = words.map((word) => decodeUtf8(word) ?? textOfWord(word));
  const [verb = '', ...rest] = texts;
  const by = name === '' ? `Redis client ${id}` : name;
  const page = await node.perform(['fault', verb.toLowerCase(), ...rest], by);
  // Line by line: what redis-cli shows of a text at a terminal has no line breaks.
  return array(page.split('\n').map(textReply));
}

const mapOf = (entries: readonly (readonly [string, RespReply])[]): RespReply => ({
  ...{ type: 'map', entries: entries.map(([name, value]) => [textReply(name), value]) },
});
