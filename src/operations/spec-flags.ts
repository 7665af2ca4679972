/** The flags that say what a cluster is to be. */
import { formatDuration } from '../config/duration.js';
import type { Place, Setting } from '../config/problem.js';
import { respBare, respDetails, respWords } from '../config/resp.js';
import type { ClusterSpec } from '../config/spec.js';
import { usageError } from '../core/errors.js';
import { pushTo } from '../core/lookup.js';
import { show } from '../core/show.js';
import { catalog } from '../protocols/catalog.js';
import type { ModeOption } from '../protocols/shared/mode-options.js';
import type { FlagSpec } from './flags.js';
import { switchFlag, textFlag } from './flags.js';

/** Where it runs and what it is called is not for a script to say. */
const commonFlags: readonly FlagSpec[] = [
  textFlag('name', 'NAME', 'what to call it (default dev); -C says the same', {
    commandLineOnly: true,
  }),
  textFlag('mode', 'MODE', 'how nodes replicate (default quorum)', { char: 'm' }),
  textFlag('nodes', 'COUNT', 'how many nodes (default 4)', { char: 'n' }),
  textFlag('runtime', 'RUNTIME', 'threads (default): one daemon; processes: one process a node', {
    commandLineOnly: true,
  }),
  textFlag('config', 'FILE', 'a YAML or JSON file; flags override it', { char: 'f' }),
  textFlag(
    'sync',
    'WHEN',
    'always (default): an acknowledged write survives a power cut; off: a killed process',
  ),
  textFlag(
    'topology',
    'SHAPE',
    'gossip: which nodes are linked: full (default), line, ring, star, grid, or links such as n1-n2,n2-n3',
  ),
  textFlag(
    'delay',
    'DELAY',
    'mean one-way delay: 20ms on every link, n1>n2=20ms one way, n1-n2=20ms both',
    { multiple: true },
  ),
  switchFlag('trace', 'write down all that nodes do, for `kvx trace`; -o trace=off ends it'),
  textFlag(
    'reads',
    'WHICH',
    'usual (default): gets return what they find; worst[:SEED]: the stalest that their level and session allow (not a level: that is --read)',
  ),
  textFlag('option', 'NAME=VALUE', 'any other setting of the mode', { char: 'o', multiple: true }),
];

/** Of clusters that are started to stay: scripts may, and whatever runs a cluster of its own does not. */
export const portFlags: readonly FlagSpec[] = [
  textFlag(
    'resp',
    '[PORT]',
    'let Redis clients in: at PORT (default 7379) of n1, the next one of n2, …, and at a Unix socket each; off ends it',
    { bare: respBare },
  ),
  textFlag(
    'resp-host',
    'HOST',
    'the address for them (default 127.0.0.1); what is not loopback needs a password',
  ),
  textFlag(
    'resp-password',
    'TEXT',
    'what they must say first (AUTH); - reads it from standard input',
  ),
  textFlag(
    'metrics',
    '[PORT]',
    'let Prometheus scrape nodes: 127.0.0.1 at PORT (default 9464) of n1, the next one of n2, …; off ends it',
    { bare: respBare },
  ),
];

/** Every mode option that has a flag, by that flag; modes may share one. */
const optionFlags = new Map<string, { readonly mode: string; readonly option: ModeOption }[]>();
for (const { name: mode, options } of Object.values(catalog)) {
  for (const option of options) {
    if (option.flag !== undefined) pushTo(optionFlags, option.flag, { mode, option });
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

const modeFlags = [...optionFlags].map(([name, owners]) =>
  textFlag(
    name,
    helpValues[owners[0]?.option.kind ?? 'count'],
    owners
      .map(({ mode, option }) => `${mode}: ${option.summary}${shownDefault(option)}`)
      .join('; '),
  ),
);

export const specFlags: readonly FlagSpec[] = [...modeFlags, ...commonFlags];

/** Each sets what it is called after. */
export const plainSpecFlags: readonly string[] = [
  ...['mode', 'nodes', 'runtime', 'sync', 'trace', 'reads', 'delay', 'topology'],
  ...respWords,
  'metrics',
  ...optionFlags.keys(),
];

/**
 * Throws a `bad-request` KvxError for what is said of Redis clients of a cluster that lets none in. What the environment says
 * is for clusters that do.
 */
export function checkRespFlags({ resp }: ClusterSpec, isTyped: (flag: string) => boolean): void {
  const idle = respDetails.find(isTyped);
  if (resp || idle === undefined) return;
  throw usageError(`--${idle} says nothing without --resp`, 'Add --resp, or a port: --resp 7379.');
}

/** What one flag says that was given these texts at a place: settings of the cluster. */
export function settingsOfFlag(flag: string, texts: readonly string[], place: Place): Setting[] {
  const setting = (name: string, value: unknown): Setting => {
    return { name, value, namePlace: place, placeOf: () => place };
  };
  if (flag === 'delay')
    return [
      setting(
        flag,
        texts.flatMap((text) => text.split(',')),
      ),
    ];
  if (flag === 'resp-password' && texts.includes('-')) {
    throw usageError('--resp-password - reads standard input, which is not for scripts to read');
  }
  if (flag === 'trace') return [setting(flag, 'on')];
  if (flag !== 'option') return texts.map((text) => setting(flag, text));
  return texts.map((text) => {
    const sign = text.indexOf('=');
    if (sign > 0) return setting(text.slice(0, sign), text.slice(sign + 1));
    throw usageError(`--option must be NAME=VALUE, not ${show(text)}`);
  });
}
