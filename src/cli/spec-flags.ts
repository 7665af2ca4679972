/** The flags that say what a cluster is to be, and what they come to together with a file and what is there already. */
import * as Flags from '@oclif/core/flags';
import type { ClusterSpec } from '../cluster/spec.js';
import { findCluster } from '../cluster/state.js';
import { settingsOf } from '../config/effective.js';
import { nameDefault, resolveSpec } from '../config/resolve.js';
import { flagSetting, type Setting } from '../config/setting.js';
import { usageError } from './values.js';

export const specFlags = {
  name: Flags.string({
    description: 'what to call it (default dev); -C says the same',
    helpValue: 'NAME',
    env: 'KVX_NAME',
  }),
  mode: Flags.string({
    char: 'm',
    description: 'how nodes replicate (default quorum)',
    helpValue: 'MODE',
    env: 'KVX_MODE',
  }),
  nodes: Flags.string({
    char: 'n',
    description: 'how many nodes (default 4)',
    helpValue: 'COUNT',
    env: 'KVX_NODES',
  }),
  runtime: Flags.string({
    description: 'threads (default): one daemon; processes: one process a node',
    helpValue: 'RUNTIME',
    env: 'KVX_RUNTIME',
  }),
  config: Flags.string({
    char: 'f',
    description: 'a YAML or JSON file; flags override it',
    helpValue: 'FILE',
    env: 'KVX_CONFIG',
  }),
  sync: Flags.string({
    description:
      'always (default): an acknowledged write survives a power cut; off: a killed process',
    helpValue: 'WHEN',
    env: 'KVX_SYNC',
  }),
  delay: Flags.string({
    description: 'mean one-way delay: 20ms on every link, n1>n2=20ms one way, n1-n2=20ms both',
    helpValue: 'DELAY',
    env: 'KVX_DELAY',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
  }),
  replicas: Flags.string({
    description: 'how many nodes keep each key (default 3)',
    helpValue: 'COUNT',
    env: 'KVX_REPLICAS',
  }),
  read: Flags.string({
    description: 'level of reads that do not say (default quorum)',
    helpValue: 'LEVEL',
    env: 'KVX_READ',
  }),
  write: Flags.string({
    description: 'level of writes that do not say (default quorum)',
    helpValue: 'LEVEL',
    env: 'KVX_WRITE',
  }),
  option: Flags.string({
    char: 'o',
    description: 'any other setting of the mode',
    helpValue: 'NAME=VALUE',
    env: 'KVX_OPTION',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
  }),
};

export interface SpecFlags {
  readonly cluster?: string | undefined;
  readonly name?: string | undefined;
  readonly mode?: string | undefined;
  readonly config?: string | undefined;
  readonly delay?: readonly string[] | undefined;
  readonly option?: readonly string[] | undefined;
  readonly [flag: string]: unknown;
}

const plainFlags = ['mode', 'nodes', 'runtime', 'sync', 'delay', 'replicas', 'read', 'write'];

/** True when the flags say anything about what a cluster is to be, apart from its name. */
export function describesCluster(flags: SpecFlags): boolean {
  return ['config', 'option', ...plainFlags].some((flag) => flags[flag] !== undefined);
}

/**
 * The cluster that the flags mean. With a file: what it says; else, when the cluster is there already (and not to be
 * made afresh): what it was; flags override either. Throws a `config` KvxError with all that is wrong.
 */
export async function specFromFlags(flags: SpecFlags, fresh: boolean): Promise<ClusterSpec> {
  const name = flags.name ?? flags.cluster;
  const said = flagSettings(flags, name);
  if (flags.config !== undefined) {
    const { readConfigFile } = await import('../config/file.js');
    return resolveSpec([...readConfigFile(flags.config), ...said]);
  }
  const known = fresh ? [] : knownSettings(name ?? nameDefault, flags.mode);
  return resolveSpec([...known, ...said]);
}

function flagSettings(flags: SpecFlags, name: string | undefined): Setting[] {
  const settings = name === undefined ? [] : [flagSetting('name', name, '--name')];
  for (const flag of plainFlags) {
    if (flags[flag] !== undefined) settings.push(flagSetting(flag, flags[flag], `--${flag}`));
  }
  for (const option of flags.option ?? []) {
    const at = option.indexOf('=');
    if (at < 1) throw usageError(`--option must be NAME=VALUE, not ${JSON.stringify(option)}`);
    settings.push(flagSetting(option.slice(0, at), option.slice(at + 1), '--option'));
  }
  return settings;
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
