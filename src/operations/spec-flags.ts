/** The flags that say what a cluster is to be. */
import { formatDuration } from '../config/duration.js';
import { catalog } from '../protocols/catalog.js';
import type { ModeOption } from '../protocols/shared/mode-options.js';
import type { FlagSpec } from './arguments.js';

const text = (name: string, helpValue: string, description: string, char?: string): FlagSpec => ({
  ...{ name, kind: 'text', helpValue, description },
  ...(char === undefined ? {} : { char }),
});

/** Where it runs and what it is called is not for a script to say. */
const commonFlags: readonly FlagSpec[] = [
  {
    ...text('name', 'NAME', 'what to call it (default dev); -C says the same'),
    commandLineOnly: true,
  },
  text('mode', 'MODE', 'how nodes replicate (default quorum)', 'm'),
  text('nodes', 'COUNT', 'how many nodes (default 4)', 'n'),
  {
    ...text('runtime', 'RUNTIME', 'threads (default): one daemon; processes: one process a node'),
    commandLineOnly: true,
  },
  text('config', 'FILE', 'a YAML or JSON file; flags override it', 'f'),
  text(
    'sync',
    'WHEN',
    'always (default): an acknowledged write survives a power cut; off: a killed process',
  ),
  text(
    'topology',
    'SHAPE',
    'gossip: which nodes are linked: full (default), line, ring, star, grid, or links such as n1-n2,n2-n3',
  ),
  {
    ...text(
      'delay',
      'DELAY',
      'mean one-way delay: 20ms on every link, n1>n2=20ms one way, n1-n2=20ms both',
    ),
    multiple: true,
  },
  { ...text('option', 'NAME=VALUE', 'any other setting of the mode', 'o'), multiple: true },
];

/** Every mode option that has a flag, by that flag; modes may share one. */
const optionFlags = new Map<string, { readonly mode: string; readonly option: ModeOption }[]>();
for (const { name: mode, options } of Object.values(catalog)) {
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

const modeFlags = [...optionFlags].map(([name, owners]) =>
  text(
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
  ...['mode', 'nodes', 'runtime', 'sync', 'delay', 'topology'],
  ...optionFlags.keys(),
];
