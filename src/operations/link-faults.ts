/** Operations that make links slow, narrow and unreliable: one direction, both, or all; all messages, or those of some types. */

import { formatDuration } from '../config/duration.js';
import { delaysBy } from '../config/links.js';
import { ConfigError, type Problem } from '../config/problem.js';
import { rulesOf } from '../config/spec.js';
import { usageError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { formatSize } from '../core/show.js';
import { unknownWord } from '../core/suggest.js';
import { withRules, withSingles } from '../faults/active.js';
import {
  type DelayRule,
  type LinkRules,
  pairs,
  type RuleScope,
  type SingleRule,
} from '../faults/link-rules.js';
import { parseLink } from '../faults/link-words.js';
import { cutLinks } from '../faults/partition.js';
import { argument, countFlag, durationFlag, textFlag } from './flags.js';
import { type Given, toBytes, toChance, toDelay } from './given.js';
import { changingLinks, type LinksStep } from './links.js';
import type { Described, OperationCall, OperationEntry } from './operation.js';

const linkArgument = argument(
  'LINK',
  'link',
  'n1>n3 one way, n1-n3 both, n1 all of its links; ann-n1 of a session, clients-n1 of all clients; absent: all between nodes',
  { optional: true },
);

const typeFlag = textFlag('type', 'MESSAGE', 'only messages of this type, such as accept', {
  multiple: true,
});

const nthMax = 1_000_000;

const nthFlag = countFlag('nth', 'only this message of those that are sent from now on, each way', {
  ...{ helpValue: 'NUMBER', max: nthMax },
});

interface Meant {
  readonly scopes: readonly RuleScope[];
  /** `n1>n3`, `all links`, and of which messages. */
  readonly where: string;
  /** `messages`, `accept messages`. */
  readonly what: string;
}

async function meantBy({ given, context }: OperationCall): Promise<Meant> {
  const { nodes, mode } = context.spec;
  const link = given.text('LINK');
  const directions =
    link === undefined
      ? pairs(nodes, nodes)
      : parseLink(link, nodes, (end) => context.isClient(end));
  const types = (given.flags.get('type') ?? []).flatMap((text) => text.split(','));
  if (types.length > 0) await checkTypes(types, mode);
  const isOfNodes = directions.every(({ from, to }) => nodes.includes(from) && nodes.includes(to));
  const ofNodesOnly = types.length > 0 ? '--type' : given.has('nth') ? '--nth' : null;
  if (!isOfNodes && ofNodesOnly !== null) {
    throw usageError(`${ofNodesOnly} is of messages between nodes: clients send none`);
  }
  const scopes =
    types.length === 0
      ? directions
      : directions.flatMap((each) => types.map((type) => ({ ...each, type })));
  return {
    scopes,
    where: link ?? 'all links',
    what: [types.join(', '), 'messages'].join(' ').trim(),
  };
}

/** Throws a definite `bad-request` that names those which the mode has. */
async function checkTypes(types: readonly string[], mode: string): Promise<void> {
  const { modeNamed } = await import('../protocols/registry.js');
  const { types: known = [] } = modeNamed(mode).protocol.message;
  const unknown = types.find((type) => !known.includes(type));
  if (unknown === undefined) return;
  const hint = `Its messages are ${known.join(', ')}.`;
  throw unknownWord(`mode ${mode} has no message`, unknown, known, hint);
}

interface Shaped<K extends keyof LinkRules> {
  /** What stands in a rule beside its scope. */
  readonly rule: Omit<LinkRules[K][number], keyof RuleScope>;
  readonly isOff: boolean;
  /** Goes on after `messages`. */
  readonly told: string;
}

type OneFate = Pick<SingleRule, 'fate' | 'heldMs'>;

/** An operation that makes rules of one kind, in place of those before about the same. */
function shaping<K extends keyof LinkRules>(
  kind: K,
  words: Described,
  shape: (given: Given) => Shaped<K>,
  /** What becomes of one message alone; absent: it is done to many only. */
  fateOfOne?: (given: Given) => OneFate,
): OperationEntry {
  const { arguments: args = [], flags = [] } = words;
  const common = fateOfOne === undefined ? [typeFlag] : [typeFlag, nthFlag];
  const own = { ...words, arguments: [linkArgument, ...args], flags: [...flags, ...common] };
  return changingLinks(own, async (call) => {
    if (call.given.has('nth') && fateOfOne !== undefined) {
      return singleStep(await meantBy(call), call.given, fateOfOne(call.given));
    }
    const { rule, isOff, told } = shape(call.given);
    const { scopes, where, what } = await meantBy(call);
    const rules = scopes.map((scope) => ({ ...scope, ...rule })) as unknown as LinkRules[K];
    return rulesStep(call, kind, rules, isOff, `${where}: ${what} ${told}`);
  });
}

const fateWords = { lost: () => 'is lost', doubled: () => 'arrives twice', held: heldText };

function heldText(heldMs: Millis): string {
  return `takes ${formatDuration(heldMs)}, and others overtake it`;
}

function singleStep({ scopes, where, what }: Meant, given: Given, one: OneFate): LinksStep {
  const nth = Number(given.flag('nth'));
  const singles = scopes.map((scope) => ({ ...scope, nth, ...one }));
  return {
    change: (faults) => withSingles(faults, singles),
    told: `${where}: of the ${what} from now on, number ${nth} ${fateWords[one.fate](one.heldMs)}`,
  };
}

function rulesStep<K extends keyof LinkRules>(
  { context }: OperationCall,
  kind: K,
  rules: LinkRules[K],
  isOff: boolean,
  told: string,
): LinksStep {
  const base = rulesOf(context.spec);
  return { change: (faults) => withRules({ faults, base }, kind, rules, isOff), told };
}

export const faultCut = changingLinks(
  {
    name: 'fault cut',
    summary: 'Cut a link one way or both, or lose all messages of one type.',
    description: 'On top of the cuts there are. One type of message is lost before it leaves.',
    examples: ['fault cut "n1>n3"', 'fault cut n1-n3', 'fault cut n2 --type accept'],
    arguments: [linkArgument],
    flags: [typeFlag],
  },
  async (call) => {
    const { scopes, where, what } = await meantBy(call);
    const told = `${where}: ${what} are lost`;
    if (!call.given.has('type')) return { change: (faults) => cutLinks(faults, scopes), told };
    const losses = scopes.map((scope) => ({ ...scope, chance: 1 }));
    return rulesStep(call, 'losses', losses, false, told);
  },
);

const distributions = ['uniform', 'exponential'];

export const faultDelay = shaping(
  'delays',
  {
    name: 'fault delay',
    summary: 'Delay what a link carries: always alike, or as a distribution says.',
    description: [
      'DELAY is the mean. Alone, every message takes so long. --jitter: uniform within so much of it. --dist uniform: from 0 to twice as long. --dist exponential: mostly short, now and then long.',
      'A link keeps its order. With --nth one message alone is held, for DELAY and no other, and those after it overtake it. What a client asks on such a link comes late, and what is lost may have happened: exit code 2. With --type, only messages of that type wait, in order among themselves; others pass them. In place of an earlier delay of the same link and type; 0 ends it.',
    ].join('\n'),
    examples: [
      'fault delay "n1>n3" 20ms',
      'fault delay 20ms --jitter 10ms',
      'fault delay n1-n2 20ms --dist exponential --type accept',
      'fault delay "n1>n3" 20ms --nth 3',
    ],
    arguments: [argument('DELAY', 'delay', 'such as 20ms; 0: none')],
    flags: [
      durationFlag('jitter', 'how far from the mean, such as 10ms'),
      textFlag('dist', 'NAME', distributions.join(' or '), { options: distributions }),
    ],
  },
  (given) => {
    const meanMs = toDelay(given.text('DELAY') ?? '', 'DELAY');
    const spread = spreadBy(given, meanMs);
    return { rule: { meanMs, spread }, isOff: meanMs === 0, told: delayText({ meanMs, spread }) };
  },
  (given) => {
    const heldMs = toDelay(given.text('DELAY') ?? '', 'DELAY');
    if (given.has('jitter') || given.has('dist')) {
      throw usageError('--nth is of one message, which has no distribution');
    }
    return { fate: 'held', heldMs };
  },
);

function spreadBy(given: Given, meanMs: number): NonNullable<DelayRule['spread']> {
  const dist = given.flag('dist');
  if (!given.has('jitter')) return dist === 'exponential' ? dist : dist === 'uniform' ? meanMs : 0;
  if (dist !== undefined) throw usageError('--jitter and --dist exclude each other');
  const jitterMs = given.duration('jitter');
  if (jitterMs <= meanMs) return jitterMs;
  throw usageError('--jitter may be no more than the delay: nothing arrives before it is sent');
}

function delayText({ meanMs, spread }: Required<Pick<DelayRule, 'meanMs' | 'spread'>>): string {
  if (meanMs === 0) return 'are not delayed';
  if (spread === 'exponential') return `take ${formatDuration(meanMs)} on average, exponentially`;
  if (spread === 0) return `take ${formatDuration(meanMs)}`;
  return `take ${formatDuration(meanMs - spread)} to ${formatDuration(meanMs + spread)}`;
}

export const faultDelays = changingLinks(
  {
    name: 'fault delays',
    summary: 'Delay all links as a matrix in a file says.',
    description:
      'By `delays` and `delay` in it, as in a config file of `cluster up`: rows, from, and columns, to, of milliseconds or of times such as 20ms; or {n1>n3: 20ms}. They are means: a message takes from 0 to twice as long. In place of all earlier delays that are not of one type of message.',
    examples: ['fault delays delays.yaml', 'fault delays delays.yaml --json'],
    arguments: [argument('FILE', 'words', 'YAML or JSON')],
  },
  async (call, { nodes }) => {
    const { given, context } = call;
    const file = given.text('FILE') ?? '';
    if (context.host === null) throw usageError('there are no files here');
    const all = await context.host.readSettings(file);
    const settings = all.filter(({ name }) => name === 'delays' || name === 'delay');
    const problems: Problem[] =
      settings.length > 0 ? [] : [{ source: file, message: 'it says nothing of `delays`' }];
    const delays = delaysBy(settings, nodes, (problem) => problems.push(problem));
    if (problems.length > 0) throw new ConfigError(problems, 'the delays');
    const meanOf = new Map(delays.map(({ from, to, meanMs }) => [`${from}>${to}`, meanMs]));
    const rules = pairs(nodes, nodes).map((each) => {
      return { ...each, meanMs: meanOf.get(`${each.from}>${each.to}`) ?? 0 };
    });
    return rulesStep(call, 'delays', rules, delays.length === 0, `all links: delays of ${file}`);
  },
);

const chanceArgument = argument('RATE', 'chance', 'such as 5% or 0.05; 0: none');
const rateArgument = { ...chanceArgument, unless: 'nth' };
const chanceBy = (given: Given): number => toChance(given.text('RATE') ?? '', 'RATE');
const percent = (chance: number): string => `${Number((chance * 100).toPrecision(3))}%`;

export const faultDrop = shaping(
  'losses',
  {
    name: 'fault drop',
    summary: 'Lose some of what a link carries, or one message.',
    description:
      'In place of an earlier loss on the same link and type; 0 ends it. With --nth there is no RATE, and it is on top of what there is.',
    examples: [
      'fault drop 5%',
      'fault drop "n1>n3" 50% --type accept',
      'fault drop "n1>n3" --nth 3',
    ],
    arguments: [rateArgument],
  },
  (given) => {
    const chance = chanceBy(given);
    return { rule: { chance }, isOff: chance === 0, told: `are lost, ${percent(chance)} of them` };
  },
  () => ({ fate: 'lost', heldMs: 0 }),
);

export const faultDuplicate = shaping(
  'duplications',
  {
    name: 'fault duplicate',
    summary: 'Deliver some of what a link carries twice, or one message.',
    description:
      'In place of an earlier duplication on the same link and type; 0 ends it. With --nth there is no RATE, and it is on top of what there is.',
    examples: [
      'fault duplicate 5%',
      'fault duplicate n1-n2 100% --type accept',
      'fault duplicate "n1>n3" --nth 1 --type accept',
    ],
    arguments: [rateArgument],
  },
  (given) => {
    const chance = chanceBy(given);
    return {
      rule: { chance },
      isOff: chance === 0,
      told: `arrive twice, ${percent(chance)} of them`,
    };
  },
  () => ({ fate: 'doubled', heldMs: 0 }),
);

export const faultReorder = shaping(
  'reorderings',
  {
    name: 'fault reorder',
    summary: 'Let some of what a link carries be overtaken by the rest.',
    description:
      'Those are held for a time of their own, uniform from 0 to --by. In place of an earlier reordering on the same link and type; 0 ends it.',
    examples: ['fault reorder 10%', 'fault reorder n1-n2 10% --by 200ms'],
    arguments: [chanceArgument],
    flags: [durationFlag('by', 'how late those may be, at most', { default: '50ms' })],
  },
  (given) => {
    const chance = chanceBy(given);
    const heldMsMax = given.duration('by');
    const late = `${percent(chance)} of them, by up to ${formatDuration(heldMsMax)}`;
    return { rule: { chance, heldMsMax }, isOff: chance === 0, told: `are overtaken, ${late}` };
  },
);

export const faultBandwidth = shaping(
  'bandwidths',
  {
    name: 'fault bandwidth',
    summary: 'Make a link narrow: so many bytes a second, with a queue that fills.',
    description:
      'Messages leave one after the other; one that finds the queue full is lost, and `cluster status` counts it. In place of an earlier bandwidth of the same link and type; 0 ends it.',
    examples: ['fault bandwidth 100kB', 'fault bandwidth "n1>n3" 20kB --queue 8kB'],
    arguments: [
      argument('RATE', 'bytes', 'bytes a second, such as 100kB; 0: as many as there are'),
    ],
    flags: [textFlag('queue', 'BYTES', 'how much may wait', { default: '64kB' })],
  },
  (given) => {
    const bytesPerSecond = toBytes(given.text('RATE') ?? '', 'RATE');
    const queueBytes = toBytes(given.flag('queue') ?? '', '--queue');
    if (bytesPerSecond === 0) {
      const rule = { bytesPerSecond: Number.MAX_SAFE_INTEGER, queueBytes };
      return { rule, isOff: true, told: 'have all the bandwidth there is' };
    }
    const told = `leave at ${formatSize(bytesPerSecond)} a second at most, and ${formatSize(queueBytes)} may wait`;
    return { rule: { bytesPerSecond, queueBytes }, isOff: false, told };
  },
);
