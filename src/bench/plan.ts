/** What to measure: from the words of the command line to a plan. */
import { parseBytes, toDuration } from '../config/duration.js';
import { usageError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { valueBytesMax } from '../core/limits.js';
import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import { uniqueValueBytesMin } from '../workload/generator.js';

/** `rapidset` and `multiset` as in the course projects; `mixed` is the load put together by hand. */
export const workloadNames = ['rapidset', 'multiset'] as const;
export type WorkloadName = (typeof workloadNames)[number] | 'mixed';

export interface BenchPlan {
  readonly workload: WorkloadName;
  readonly clientCount: number;
  /** `Infinity`: as many as fit in the duration. */
  readonly operationsMax: number;
  readonly durationMs: Millis;
  readonly readShare: number;
  readonly keyCount: number;
  readonly valueBytes: number;
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
export const keysMax = 2 ** 32;

export interface BenchWords {
  readonly workload?: string | undefined;
  readonly count?: string | undefined;
  readonly clients?: number | undefined;
  readonly ops?: number | undefined;
  readonly duration?: string | undefined;
  readonly reads?: string | undefined;
  readonly keys?: number | undefined;
  readonly 'value-size'?: string | undefined;
  readonly seed?: number | undefined;
}

/** Throws `bad-request` when a word can't be meant. */
export function planBench(words: BenchWords): BenchPlan {
  const workload = toWorkload(words.workload);
  const common = {
    workload,
    valueBytes: toValueBytes(words['value-size']),
    seed: words.seed ?? Math.floor(Math.random() * 2 ** 32),
    readShare: 0,
    keyCount: 1,
    durationMs: Number.POSITIVE_INFINITY,
  };
  if (workload === 'mixed') return { ...common, ...mixedPart(words) };
  refuseWith(workload, words, ['ops', 'duration', 'reads', 'keys']);
  const operationsMax = toCount(workload, words.count);
  if (workload === 'multiset') {
    const clientCount = words.clients ?? benchDefaults.clients;
    return { ...common, operationsMax, clientCount, keyCount: operationsMax };
  }
  refuseWith(workload, words, ['clients']);
  return { ...common, operationsMax, clientCount: 1 };
}

function mixedPart(
  words: BenchWords,
): Pick<BenchPlan, 'clientCount' | 'operationsMax' | 'durationMs' | 'readShare' | 'keyCount'> {
  const { clients, ops, duration, reads, keys } = words;
  const lasting = duration ?? (ops === undefined ? benchDefaults.duration : undefined);
  return {
    clientCount: clients ?? benchDefaults.clients,
    operationsMax: ops ?? Number.POSITIVE_INFINITY,
    durationMs:
      lasting === undefined ? Number.POSITIVE_INFINITY : toDuration(lasting, '--duration'),
    readShare: toShare(reads ?? benchDefaults.reads),
    keyCount: keys ?? benchDefaults.keys,
  };
}

function toWorkload(word: string | undefined): WorkloadName {
  if (word === undefined) return 'mixed';
  const name = workloadNames.find((known) => known === word);
  if (name !== undefined) return name;
  const question = didYouMean(word, workloadNames);
  const hint = `There are ${workloadNames.join(' N, ')} N, and without a name a mix of reads and writes.`;
  throw usageError(`there is no workload ${show(word)}${question}`, hint);
}

function toCount(workload: WorkloadName, word: string | undefined): number {
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
  const why =
    workload === 'rapidset'
      ? 'It sets one key, one set after another.'
      : 'It sets that many keys, once each.';
  throw usageError(`${workload} takes no --${given}`, why);
}

export function toShare(word: string): number {
  const percent = /^\d+(\.\d+)?%$/.test(word) ? Number.parseFloat(word) : Number.NaN;
  if (percent <= 100) return percent / 100;
  throw usageError(`--reads must be a share from 0% to 100%, not ${show(word)}`);
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
