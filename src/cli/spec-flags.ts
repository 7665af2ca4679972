/** What the flags of a cluster come to, together with a file and what is there already. */

import { findCluster } from '../cluster/state/state.js';
import { settingsOf } from '../config/effective.js';
import type { Setting } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { type ClusterSpec, nameDefault } from '../config/spec.js';
import { plainSpecFlags, settingsOfFlag } from '../operations/spec-flags.js';

export interface SpecFlags {
  readonly cluster?: string | undefined;
  readonly name?: string | undefined;
  readonly mode?: string | undefined;
  readonly config?: string | undefined;
  readonly delay?: readonly string[] | undefined;
  readonly option?: readonly string[] | undefined;
  readonly [flag: string]: unknown;
}

/** True when the flags say anything about what a cluster is to be, apart from its name. */
export function describesCluster(flags: SpecFlags): boolean {
  return ['config', 'option', ...plainSpecFlags].some((flag) => flags[flag] !== undefined);
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
  const { readConfigFile } = await import('../config/file.js');
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
