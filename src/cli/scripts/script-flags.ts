/** What the flags come to of the commands that take scripts, from a file or from a terminal. */

import { listClusters } from '../../cluster/state/state.js';
import type { ClusterSpec } from '../../config/spec.js';
import { usageError } from '../../core/errors.js';
import { show } from '../../core/show.js';
import type { DialectOptions } from '../../coursework/dialect.js';
import { dialectSpec, isSettingOf, modeOf } from '../../coursework/dialect-spec.js';
import type { DialectName } from '../../coursework/words.js';
import { chooseUpCluster } from '../../targets/local.js';
import type { RunPlace } from '../../targets/place.js';
import type { TargetRuntime } from '../../targets/target.js';
import { type SpecFlags, saidSettings } from '../spec-flags.js';

/** Of the commands that take scripts. */
export interface ScriptFlags {
  readonly cluster?: string;
  readonly runtime?: TargetRuntime;
  readonly seed?: number;
  readonly dialect: DialectName | 'kvx';
  readonly 'delay-unit'?: 's' | 'ms';
  readonly models: boolean;
  readonly gossip: boolean;
}

/** Whose these flags are. */
const ownersOf = { 'delay-unit': 'cs425', models: 'cs425', gossip: 'cs380d' } as const;

/** What the flags say to a dialect; those that mean nothing to it are refused when they were typed. */
export function dialectOptionsOf(
  flags: Pick<ScriptFlags, 'dialect' | 'delay-unit' | 'models'>,
  typed: ReadonlySet<string>,
): DialectOptions {
  for (const [flag, owner] of Object.entries(ownersOf)) {
    if (owner === flags.dialect || !typed.has(flag)) continue;
    throw usageError(`--${flag} is for --dialect ${owner}, not for ${flags.dialect}`);
  }
  return { delayUnit: flags['delay-unit'] ?? 's', models: flags.models };
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

/** The cluster that other commands would mean, if one is up; else one of its own, which is yet to be started. */
export function shellPlaceOf({ cluster, runtime, seed, dialect }: ScriptFlags): RunPlace {
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
  readonly runtime: TargetRuntime | undefined;
  readonly seed: number | undefined;
}): RunPlace {
  const { runtime = 'threads', seed = null } = flags;
  if (seed !== null && runtime !== 'sim') throw usageError('--seed needs --runtime sim');
  return { runtime, seed };
}
