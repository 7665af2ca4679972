/** Flags of the commands that take scripts, from a file or from a terminal. */

import * as Flags from '@oclif/core/flags';
import { listClusters } from '../../cluster/state/state.js';
import type { ClusterSpec } from '../../config/spec.js';
import { usageError } from '../../core/errors.js';
import { show } from '../../core/show.js';
import type { DialectOptions } from '../../coursework/dialect.js';
import { dialectSpec, isSettingOf, modeOf } from '../../coursework/dialect-spec.js';
import { type DialectName, dialectNames } from '../../coursework/words.js';
import { chooseUpCluster } from '../../targets/local.js';
import type { RunPlace } from '../../targets/place.js';
import { type TargetRuntime, targetRuntimes } from '../../targets/target.js';
import { type SpecFlags, saidSettings } from '../spec-flags.js';

export const runtimeFlag = (description: string) =>
  Flags.string({
    description,
    helpValue: 'RUNTIME',
    options: [...targetRuntimes],
    env: 'KVX_RUNTIME',
  });

export const seedFlag = Flags.integer({
  description: 'sim: the same seed and the same commands, the same run (default: drawn, and told)',
  helpValue: 'NUMBER',
  min: 0,
  env: 'KVX_SEED',
});

export const dialectFlags = {
  dialect: Flags.string({
    description: 'kvx (default), or the vocabulary of a course: cs380d, cs425',
    helpValue: 'NAME',
    options: ['kvx', ...dialectNames],
    default: 'kvx',
    env: 'KVX_DIALECT',
  }),
  'delay-unit': Flags.string({
    description: 'cs425: what `delay T` counts in, s (default) or ms',
    helpValue: 'UNIT',
    options: ['s', 'ms'],
    env: 'KVX_DELAY_UNIT',
  }),
  models: Flags.boolean({
    description: 'cs425: levels 1 to 4 are consistency models',
    env: 'KVX_MODELS',
  }),
  gossip: Flags.boolean({
    description:
      'cs380d: servers also gossip between two lines; what a line prints then depends on how far it got',
    env: 'KVX_GOSSIP',
  }),
};

type DialectFlags = Readonly<Record<keyof typeof dialectFlags, unknown>>;

/** Whose these flags are. */
const ownersOf = { 'delay-unit': 'cs425', models: 'cs425', gossip: 'cs380d' } as const;

/** What the flags say to a dialect; those that mean nothing to it are refused when they were typed. */
export function dialectOptionsOf(flags: DialectFlags, typed: ReadonlySet<string>): DialectOptions {
  for (const [flag, owner] of Object.entries(ownersOf)) {
    if (owner === flags.dialect || !typed.has(flag)) continue;
    throw usageError(`--${flag} is for --dialect ${owner}, not for ${flags.dialect}`);
  }
  return { delayUnit: flags['delay-unit'] === 'ms' ? 'ms' : 's', models: flags.models === true };
}

interface RawToken {
  readonly type: string;
  readonly flag?: string;
}

/** The flags that were typed, and do not come from the environment. */
export function typedFlags(raw: readonly RawToken[]): ReadonlySet<string> {
  return new Set(raw.flatMap(({ type, flag }) => (type === 'flag' && flag ? [flag] : [])));
}

/**
 * The cluster of a dialect with these settings. Flags that were typed and have no effect are refused, with the reason;
 * what the environment says and the dialect has no use for is for others.
 */
export async function dialectSpecOf(
  name: DialectName,
  flags: SpecFlags,
  typed: ReadonlySet<string>,
  gossip: boolean,
): Promise<ClusterSpec> {
  const meant = Object.entries(flags).filter(
    ([flag, value]) =>
      typed.has(flag) ||
      (flag === 'mode' ? value === modeOf(name) : isSettingOf(name, flag)) ||
      ['config', 'option'].includes(flag),
  );
  const settings = await saidSettings(Object.fromEntries(meant));
  return dialectSpec(name, settings, { gossip });
}

const seedsMax = 1_000_000;

/** `1..100`, or `100` for the same. */
export function toSeeds(text: string): number[] {
  const [, from = '1', to] = /^(?:(\d{1,10})\.\.)?(\d{1,10})$/.exec(text) ?? [];
  const count = Number(to) - Number(from) + 1;
  if (!(count >= 1)) throw usageError(`--seeds must be like 1..100, not ${show(text)}`);
  if (count > seedsMax) throw usageError(`--seeds are at most ${seedsMax} at a time, not ${count}`);
  return Array.from({ length: count }, (_, nth) => Number(from) + nth);
}

interface OwnPlace {
  readonly runtime: TargetRuntime;
  readonly seed: number | null;
}

/** The cluster that other commands would mean, if one is up; else one of its own, which is yet to be started. */
export function shellPlaceOf(flags: {
  readonly cluster?: string | undefined;
  readonly runtime?: string | undefined;
  readonly seed?: number | undefined;
  readonly dialect: string;
}): RunPlace {
  const { cluster, runtime, seed, dialect } = flags;
  const isOwn = runtime !== undefined || seed !== undefined;
  if (cluster !== undefined && isOwn) {
    throw usageError('--cluster means one that is up: --runtime and --seed are of one that is not');
  }
  const attaches = dialect === 'kvx' && !isOwn && listClusters().some(({ up }) => up);
  if (cluster !== undefined || attaches) return { cluster: chooseUpCluster(cluster) };
  return ownPlaceOf({ runtime, seed });
}

/** Where a cluster of the script's own runs. */
export function ownPlaceOf(flags: {
  readonly runtime?: string | undefined;
  readonly seed?: number | undefined;
}): OwnPlace {
  const { runtime = 'threads', seed = null } = flags;
  if (seed !== null && runtime !== 'sim') throw usageError('--seed needs --runtime sim');
  return { runtime: runtime as TargetRuntime, seed };
}
