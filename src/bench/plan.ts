/** What to measure: from the words of the command line to a plan. */
import { parseBytes, toDuration } from '../config/duration.js';
import { usageError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { keyBytesMax, valueBytesMax } from '../core/limits.js';
import { show } from '../core/show.js';
import { unknownWord } from '../core/suggest.js';
import { type KeySpec, type Mix, uniqueValueBytesMin } from '../workload/generator.js';
import { type Threshold, toThreshold } from './thresholds.js';
import { type LoadName, loadNames, type NamedLoad, namedLoads } from './workloads.js';

/** `rapidset` and `multiset` as in the course projects; `mixed` is the load put together by hand. */
export const countedNames = ['rapidset', 'multiset'] as const;
export type WorkloadName = (typeof countedNames)[number] | LoadName | 'mixed';

export const distributions = {
  uniform: 1,
  zipfian: 'zipfian',
  latest: 'latest',
  sequential: 'in turn',
} as const satisfies Readonly<Record<string, KeySpec['skew']>>;

export interface BenchPlan {
  readonly workload: WorkloadName;
  readonly clientCount: number;
  /** Each client has so many operations under way at a time. */
  readonly pipeline: number;
  /** Clients begin with different nodes, also where one leads. */
  readonly spreads: boolean;
  /** Those that put load on the cluster; `null`: as many as the machine has room for. */
  readonly threads: number | null;
  /** `Infinity`: as many as fit in the duration. */
  readonly operationsMax: number;
  readonly durationMs: Millis;
  /** For so long there is load that is not measured. */
  readonly warmUpMs: Millis;
  /** Operations a second of an open loop; `null`: a closed one. */
  readonly rate: number | null;
  readonly mix: Mix;
  readonly skew: KeySpec['skew'];
  readonly keyCount: number;
  /** `null`: each as long as it is. */
  readonly keyBytes: number | null;
  readonly valueBytes: number;
  /** Every key is put once, before all else. */
  readonly fills: boolean;
  readonly thresholds: readonly Threshold[];
  readonly seed: number;
}

/** Of a `bench` that was not asked otherwise. */
export const benchDefaults = {
  clients: 64,
  duration: '10s',
  reads: '50%',
  keys: 1000,
  valueSize: 100,
} as const;

export const clientsMax = 16_384;
export const pipelineMax = 1024;
export const threadsMax = 64;
export const keysMax = 2 ** 32;
const rateMax = 10_000_000;
/** What is judged in the same run is kept in memory, and is to be judged soon. */
export const checkedMax = 100_000;

export interface BenchWords {
  readonly workload?: string | undefined;
  readonly count?: string | undefined;
  readonly clients?: number | undefined;
  readonly pipeline?: number | undefined;
  readonly threads?: number | undefined;
  readonly spread?: boolean | undefined;
  readonly ops?: number | undefined;
  readonly duration?: string | undefined;
  readonly 'warm-up'?: string | undefined;
  readonly rate?: string | undefined;
  readonly reads?: string | undefined;
  readonly deletes?: string | undefined;
  readonly cas?: string | undefined;
  readonly keys?: number | undefined;
  readonly 'key-size'?: string | undefined;
  readonly 'value-size'?: string | undefined;
  readonly distribution?: string | undefined;
  readonly fill?: boolean | undefined;
  readonly threshold?: readonly string[] | undefined;
  readonly check?: boolean | undefined;
  readonly history?: string | undefined;
  readonly report?: string | undefined;
  readonly nemesis?: readonly string[] | undefined;
  readonly seed?: number | undefined;
}

/** `key-`, and of a run that is written down six letters and another `-`. */
const keyPrefixBytesMax = 11;

const infinity = Number.POSITIVE_INFINITY;

/** Throws `bad-request` when a word can't be meant. */
export function planBench(words: BenchWords): BenchPlan {
  const workload = toWorkload(words.workload);
  const common = commonPart(workload, words);
  if (workload === 'rapidset' || workload === 'multiset') {
    return { ...common, ...countedPart(workload, words) };
  }
  if (words.count !== undefined) {
    throw usageError(`${workload} takes no count: say --ops ${words.count}`);
  }
  return workload === 'mixed'
    ? { ...common, ...timedPart(words, benchDefaults), ...mixedPart(words) }
    : { ...common, ...namedPart(workload, words) };
}

/** What is judged, and what is broken on purpose, should be met at nodes that follow, too. */
const watches = ({ history, nemesis, ...words }: BenchWords): boolean =>
  isJudged(words) || history !== undefined || nemesis !== undefined;

/** What a report tells is judged as well. */
const isJudged = ({ check, report }: BenchWords): boolean => check === true || report !== undefined;

const commonPart = (workload: WorkloadName, words: BenchWords) => ({
  workload,
  valueBytes: toValueBytes(words['value-size']),
  thresholds: (words.threshold ?? []).map(toThreshold),
  seed: words.seed ?? Math.floor(Math.random() * 2 ** 32),
  spreads: words.spread === true || watches(words),
  ...{ pipeline: words.pipeline ?? 1, threads: words.threads ?? null },
});

/** Beside them there is nothing to say of how a load goes on. */
function countedPart(
  workload: 'rapidset' | 'multiset',
  words: BenchWords,
): Omit<BenchPlan, keyof ReturnType<typeof commonPart>> {
  refuseWith(workload, words, [...timedWords, ...mixWords, 'threads']);
  const operationsMax = toCount(workload, words.count);
  const fixed = {
    ...{ operationsMax, durationMs: infinity, warmUpMs: 0, rate: null, keyBytes: null },
    ...{ mix: { put: 1 }, skew: distributions.sequential, fills: false },
  };
  if (workload === 'multiset') {
    const clientCount = words.clients ?? benchDefaults.clients;
    return { ...fixed, clientCount, keyCount: operationsMax };
  }
  refuseWith(workload, words, ['clients', 'pipeline']);
  return { ...fixed, clientCount: 1, keyCount: 1 };
}

const mixWords = ['reads', 'deletes', 'cas', 'fill', 'distribution'] as const;
const timedWords = ['ops', 'duration', 'warm-up', 'rate', 'keys', 'key-size'] as const;

function namedPart(name: LoadName, words: BenchWords) {
  refuseWith(name, words, mixWords);
  const load: NamedLoad = namedLoads[name];
  const { mix, skew, fills, clients = benchDefaults.clients, keys = benchDefaults.keys } = load;
  return { ...timedPart(words, { clients, keys }), mix, skew, fills };
}

function mixedPart(words: BenchWords): Pick<BenchPlan, 'mix' | 'skew' | 'fills'> {
  const { fill = false, distribution = 'uniform' } = words;
  const [deletes, cas] = [words.deletes ?? '0%', words.cas ?? '0%'];
  const others = toShare(deletes, '--deletes') + toShare(cas, '--cas');
  const reads = words.reads ?? (others > 0.5 ? `${100 - 100 * others}%` : benchDefaults.reads);
  const get = toShare(reads, '--reads');
  const put = Math.round((1 - get - others) * 1e6) / 1e6;
  if (put < 0) throw usageError('--reads, --deletes and --cas are more than 100% together');
  const mix = { get, put, delete: toShare(deletes, '--deletes'), cas: toShare(cas, '--cas') };
  const skew = Object.hasOwn(distributions, distribution)
    ? distributions[distribution as keyof typeof distributions]
    : null;
  if (skew !== null) return { mix, skew, fills: fill };
  throw unknownWord('--distribution: there is no', distribution, Object.keys(distributions));
}

function timedPart(
  words: BenchWords,
  defaults: { readonly clients: number; readonly keys: number },
) {
  const { clients = defaults.clients, keys = defaults.keys, ops, duration, rate } = words;
  const lasting = duration ?? (ops === undefined ? benchDefaults.duration : undefined);
  const warmUp = words['warm-up'];
  return {
    clientCount: clients,
    operationsMax: Math.min(ops ?? infinity, isJudged(words) ? checkedMax : infinity),
    durationMs: lasting === undefined ? infinity : toDuration(lasting, '--duration'),
    warmUpMs: warmUp === undefined ? 0 : toDuration(warmUp, '--warm-up'),
    rate: rate === undefined ? null : toPerSecond(rate),
    keyCount: keys,
    keyBytes: toKeyBytes(words['key-size'], keys),
  };
}

function toPerSecond(word: string): number {
  const rate = /^\d+(\.\d+)?$/.test(word) ? Number(word) : Number.NaN;
  if (rate > 0 && rate <= rateMax) return rate;
  const wanted = `operations a second, such as 2000, at most ${rateMax}`;
  throw usageError(`--rate must be ${wanted}, not ${show(word)}`);
}

/** Keys are told apart by their number, and those of a run that is written down by its mark. */
function toKeyBytes(word: string | undefined, keyCount: number): number | null {
  if (word === undefined) return null;
  const bytes = parseBytes(word) ?? Number.NaN;
  const bytesMin = keyPrefixBytesMax + String(keyCount).length;
  if (bytes >= bytesMin && bytes <= keyBytesMax) return bytes;
  const why = `${keyCount} keys need ${bytesMin} bytes to be told apart`;
  throw usageError(`--key-size must be from ${bytesMin} to 1KiB, not ${show(word)}`, `${why}.`);
}

function toWorkload(word: string | undefined): WorkloadName {
  if (word === undefined) return 'mixed';
  const names = [...countedNames, ...loadNames];
  const name = names.find((known) => known === word);
  if (name !== undefined) return name;
  const counted = countedNames.map((each) => `${each} N`).join(', ');
  const hint = `There are ${counted}, ${loadNames.join(', ')}, and without a name a mix by hand.`;
  throw unknownWord('there is no workload', word, names, hint);
}

function toCount(workload: 'rapidset' | 'multiset', word: string | undefined): number {
  const count = Number(word);
  if (word !== undefined && /^\d+$/.test(word) && count >= 1 && Number.isSafeInteger(count)) {
    return count;
  }
  const got = word === undefined ? '' : `, not ${show(word)}`;
  throw usageError(
    `${workload} takes how many sets, 1 or more${got}`,
    `Such as \`kvx bench ${workload} 1000\`.`,
  );
}

/** What would have no effect is refused rather than ignored. */
function refuseWith(
  workload: WorkloadName,
  words: BenchWords,
  names: readonly (keyof BenchWords)[],
): void {
  const given = names.find((name) => words[name] !== undefined);
  if (given === undefined) return;
  const whys: { readonly [K in WorkloadName]?: string } = {
    rapidset: 'It sets one key, one set after another.',
    multiset: 'It sets that many keys, once each.',
  };
  const why = whys[workload] ?? 'What it asks, and of which keys, its name says.';
  throw usageError(`${workload} takes no --${given}`, why);
}

export function toShare(word: string, flag = '--reads'): number {
  const percent = /^\d+(\.\d+)?%$/.test(word) ? Number.parseFloat(word) : Number.NaN;
  if (percent <= 100) return percent / 100;
  throw usageError(`${flag} must be a share from 0% to 100%, not ${show(word)}`);
}

function toValueBytes(word: string | undefined): number {
  if (word === undefined) return benchDefaults.valueSize;
  const bytes = parseBytes(word) ?? Number.NaN;
  if (bytes >= uniqueValueBytesMin && bytes <= valueBytesMax) return bytes;
  throw usageError(
    `--value-size must be from ${uniqueValueBytesMin} to 1MiB, not ${show(word)}`,
    'Each value written is unlike any other, which takes some bytes.',
  );
}
