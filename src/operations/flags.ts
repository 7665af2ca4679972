/** Arguments and flags that several operations share. */
import type { ArgumentSpec, FlagSpec } from './arguments.js';

type More = Omit<FlagSpec, 'name' | 'kind' | 'description'>;

export const textFlag = (
  name: string,
  helpValue: string,
  description: string,
  more: More = {},
): FlagSpec => ({ name, kind: 'text', helpValue, description, ...more });

export const switchFlag = (name: string, description: string, more: More = {}): FlagSpec => ({
  ...{ name, kind: 'switch', description },
  ...more,
});

export const countFlag = (name: string, description: string, more: More = {}): FlagSpec => ({
  ...{ name, kind: 'count', description, min: 1, max: Number.MAX_SAFE_INTEGER },
  ...more,
});

export const keyArgument: ArgumentSpec = {
  name: 'KEY',
  kind: 'key',
  description: 'at most 1 KiB; or --key-hex',
  flag: 'key',
};

export const valueArgument: ArgumentSpec = {
  name: 'VALUE',
  kind: 'value',
  description: 'at most 1 MiB; - or absent: standard input, byte for byte; or --value-hex',
  flag: 'value',
  orInput: true,
};

export const timeoutFlag = (
  value: string,
  description = 'how long it may take, such as 500ms or 5s',
): FlagSpec => ({ name: 'timeout', kind: 'duration', description, default: value });

export const nodeFlag: FlagSpec = {
  name: 'node',
  kind: 'node',
  description: 'ask through this node and no other; else through the first that can be reached',
};

export const levelFlag: FlagSpec = {
  name: 'level',
  kind: 'level',
  description: 'how many replicas must take part: one, quorum, all, a number, … as the mode has it',
};

/** Of operations that read and write keys. */
export const keyFlags: readonly FlagSpec[] = [
  levelFlag,
  nodeFlag,
  timeoutFlag('5s'),
  {
    name: 'session',
    kind: 'session',
    description: 'never see anything older than what this session has read or written before',
  },
  {
    name: 'guarantees',
    kind: 'guarantees',
    description:
      'what a new session keeps to: ryw (read your writes), mr (monotonic reads), mw (monotonic writes), wfr (writes follow reads), all (default ryw,mr)',
  },
];

export const wideFlag = (description: string): FlagSpec =>
  switchFlag('wide', description, { char: 'w' });

export const nodeArgument = (description: string, optional = false): ArgumentSpec => ({
  ...{ name: 'NODE', kind: 'node', description, optional },
});

export const nodesArgument: ArgumentSpec = {
  name: 'NODE',
  kind: 'node',
  description: 'one or more nodes',
  rest: true,
};
