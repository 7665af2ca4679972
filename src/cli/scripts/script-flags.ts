/** What the flags come to of the commands that take scripts, from a file or from a terminal. */

import { findCluster, listClusters } from '../../cluster/state/state.js';
import { settingsOf } from '../../config/effective.js';
import type { Setting } from '../../config/problem.js';
import { resolveSpec } from '../../config/resolve.js';
import { respDetails } from '../../config/resp.js';
import { type ClusterSpec, nameDefault } from '../../config/spec.js';
import { usageError } from '../../core/errors.js';
import { show } from '../../core/show.js';
import type { DialectOptions } from '../../coursework/dialect.js';
import { dialectSpec, isSettingOf, modeOf } from '../../coursework/dialect-spec.js';
import type { DialectName } from '../../coursework/words.js';
import { plainSpecFlags, settingsOfFlag } from '../../operations/spec-flags.js';
import { chooseUpCluster } from '../../targets/local.js';
import type { RunPlace } from '../../targets/place.js';
import type { TargetRuntime } from '../../targets/target.js';

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
  return dialectSpec(name, settings, gossip);
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

export interface SpecFlags {
  readonly cluster?: string | undefined;
  readonly name?: string | undefined;
  readonly mode?: string | undefined;
  readonly config?: string | undefined;
  readonly delay?: readonly string[] | undefined;
  readonly option?: readonly string[] | undefined;
  readonly [flag: string]: unknown;
}

/** True when the flags say anything about what a cluster is to be, apart from its name and what others have to know. */
export function describesCluster(flags: SpecFlags): boolean {
  const describing = ['config', 'option', ...plainSpecFlags].filter((flag) => {
    return !respDetails.includes(flag as never);
  });
  return describing.some((flag) => flags[flag] !== undefined);
}

/**
 * The cluster that the flags mean. With a file: what it says; else, when the cluster is there already (and not to be
 * made afresh): what it was; flags override either. Throws a `config` KvxError with all that is wrong.
 */
export async function specFromFlags(flags: SpecFlags, fresh: boolean): Promise<ClusterSpec> {
  const name = flags.name ?? flags.cluster;
  const said = await saidSettings(flags, name);
  const known =
    fresh || flags.config !== undefined ? [] : knownSettings(name ?? nameDefault, flags.mode);
  return resolveSpec([...known, ...said]);
}

/** What the flags say, over what their config file says. */
export async function saidSettings(flags: SpecFlags, name?: string): Promise<Setting[]> {
  const given = [...plainSpecFlags, 'option'].filter((flag) => flags[flag] !== undefined);
  const said = given.flatMap((flag) => {
    return settingsOfFlag(flag, [flags[flag]].flat().map(String), { source: `--${flag}` });
  });
  const named = name === undefined ? [] : settingsOfFlag('name', [name], { source: '--name' });
  if (flags.config === undefined) return [...named, ...said];
  const { readConfigFile } = await import('../../config/file.js');
  return [...readConfigFile(flags.config), ...named, ...said];
}

/** Nothing when there is no such cluster, or it is of another mode or broken: whoever starts it will say so. */
function knownSettings(name: string, mode: string | undefined): Setting[] {
  try {
    const record = findCluster(name)?.record;
    return record === undefined || (mode ?? record.mode) !== record.mode ? [] : settingsOf(record);
  } catch {
    return [];
  }
}
