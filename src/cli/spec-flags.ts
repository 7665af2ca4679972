/** The flags that say what a cluster is to be, and what they come to together with a file and what is there already. */

import * as Flags from '@oclif/core/flags';
import { findCluster } from '../cluster/state/state.js';
import { formatDuration } from '../config/duration.js';
import { settingsOf } from '../config/effective.js';
import { resolveSpec } from '../config/resolve.js';
import { flagSetting, type Setting } from '../config/setting.js';
import { type ClusterSpec, nameDefault } from '../config/spec.js';
import { show } from '../core/show.js';
import type { ModeOption } from '../protocols/mode.js';
import { modes } from '../protocols/registry.js';
import { usageError } from './values.js';

const commonFlags = {
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
  topology: Flags.string({
    description:
      'gossip: which nodes are linked: full (default), line, ring, star, grid, or links such as n1-n2,n2-n3',
    helpValue: 'SHAPE',
    env: 'KVX_TOPOLOGY',
  }),
  delay: Flags.string({
    description: 'mean one-way delay: 20ms on every link, n1>n2=20ms one way, n1-n2=20ms both',
    helpValue: 'DELAY',
    env: 'KVX_DELAY',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
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

/** Every mode option that has a flag, by that flag; modes may share one. */
const optionFlags = new Map<string, { readonly mode: string; readonly option: ModeOption }[]>();
for (const { name: mode, options } of modes) {
  for (const option of options) {
    if (option.flag === undefined) continue;
    optionFlags.set(option.flag, [...(optionFlags.get(option.flag) ?? []), { mode, option }]);
  }
}

const helpValues = {
  count: 'COUNT',
  millis: 'TIME',
  level: 'LEVEL',
  rate: 'RATE',
  nodes: 'NODE,…',
} as const;

function shownDefault({ kind, default: value }: ModeOption): string {
  if (kind === 'nodes') return '';
  return ` (default ${kind === 'millis' ? formatDuration(Number(value)) : value})`;
}

const modeFlags = Object.fromEntries(
  [...optionFlags].map(([name, owners]) => {
    const description = owners
      .map(({ mode, option }) => `${mode}: ${option.summary}${shownDefault(option)}`)
      .join('; ');
    const helpValue = helpValues[owners[0]?.option.kind ?? 'count'];
    const env = `KVX_${name.toUpperCase().replaceAll('-', '_')}`;
    return [name, Flags.string({ description, helpValue, env })];
  }),
);

export const specFlags = { ...modeFlags, ...commonFlags };

export interface SpecFlags {
  readonly cluster?: string | undefined;
  readonly name?: string | undefined;
  readonly mode?: string | undefined;
  readonly config?: string | undefined;
  readonly delay?: readonly string[] | undefined;
  readonly option?: readonly string[] | undefined;
  readonly [flag: string]: unknown;
}

const plainFlags = [
  ...['mode', 'nodes', 'runtime', 'sync', 'delay', 'topology'],
  ...optionFlags.keys(),
];

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
  const said = await saidSettings(flags, name);
  const known =
    fresh || flags.config !== undefined ? [] : knownSettings(name ?? nameDefault, flags.mode);
  return resolveSpec([...known, ...said]);
}

/** What the flags say, over what their config file says. */
export async function saidSettings(flags: SpecFlags, name?: string): Promise<Setting[]> {
  const said = flagSettings(flags, name);
  if (flags.config === undefined) return said;
  const { readConfigFile } = await import('../config/file.js');
  return [...readConfigFile(flags.config), ...said];
}

function flagSettings(flags: SpecFlags, name: string | undefined): Setting[] {
  const settings = name === undefined ? [] : [flagSetting('name', name, '--name')];
  for (const flag of plainFlags) {
    if (flags[flag] !== undefined) settings.push(flagSetting(flag, flags[flag], `--${flag}`));
  }
  for (const option of flags.option ?? []) {
    const at = option.indexOf('=');
    if (at < 1) throw usageError(`--option must be NAME=VALUE, not ${show(option)}`);
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
