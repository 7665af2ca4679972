/** Arguments and flags that several operations share. */

type More = Omit<FlagSpec, 'name' | 'kind' | 'description'>;

export const textFlag = (
  name: string,
  helpValue: string,
  description: string,
  more: More = {},
): FlagSpec => ({ name, kind: 'text', helpValue, description, ...more });

/** Whether a flag without `=` leaves the next word alone, and says its `bare` value. */
export const isBare = ({ bare }: Pick<FlagSpec, 'bare'>, next: string | undefined): boolean =>
  bare !== undefined && (next === undefined || next.startsWith('-'));

export const switchFlag = (name: string, description: string, more: More = {}): FlagSpec => ({
  ...{ name, kind: 'switch', description },
  ...more,
});

export const countFlag = (name: string, description: string, more: More = {}): FlagSpec => ({
  ...{ name, kind: 'count', description, min: 1, max: Number.MAX_SAFE_INTEGER },
  ...more,
});

export const seedFlag = (description: string): FlagSpec =>
  countFlag('seed', description, { helpValue: 'NUMBER', min: 0 });

export const argument = (
  name: string,
  kind: ArgumentKind,
  description: string,
  more: Omit<ArgumentSpec, 'name' | 'kind' | 'description'> = {},
): ArgumentSpec => ({ name, kind, description, ...more });

export const keyArgument = argument('KEY', 'key', 'at most 1 KiB; or --key-hex', { flag: 'key' });

export const valueArgument = argument(
  'VALUE',
  'value',
  'at most 1 MiB; - or absent: standard input, byte for byte; or --value-hex',
  { flag: 'value', orInput: true },
);

export const nodeArgument = argument('NODE', 'node', 'which node');
export const nodesArgument = argument('NODE', 'node', 'one or more nodes', { rest: true });

export const durationFlag = (name: string, description: string, more: More = {}): FlagSpec => ({
  ...{ name, kind: 'duration', description },
  ...more,
});

export const timeoutFlag = (
  value: string,
  description = 'how long it may take, such as 500ms or 5s',
): FlagSpec => durationFlag('timeout', description, { default: value });

export const nodeFlag: FlagSpec = {
  ...{ name: 'node', kind: 'node' },
  description: 'ask through this node and no other; else through the first that can be reached',
};

export const levelFlag: FlagSpec = {
  ...{ name: 'level', kind: 'level' },
  description: 'how many replicas must take part: one, quorum, all, a number, … as the mode has it',
};

/** Of operations that read and write keys. */
export const keyFlags: readonly FlagSpec[] = [
  levelFlag,
  nodeFlag,
  timeoutFlag('5s'),
  {
    ...{ name: 'session', kind: 'session' },
    description: 'never see anything older than what this session has read or written before',
  },
  {
    ...{ name: 'guarantees', kind: 'guarantees' },
    description:
      'what a new session keeps to: ryw (read your writes), mr (monotonic reads), mw (monotonic writes), wfr (writes follow reads), all (default ryw,mr)',
  },
];

export const wideFlag = (description: string): FlagSpec =>
  switchFlag('wide', description, { char: 'w' });

/** What an argument stands for, and so what may be said about it before anything runs. */
export type ArgumentKind =
  | 'key'
  | 'value'
  | 'node'
  /** A node that is yet to be. */
  | 'new node'
  /** One end of a link: a node or a client. */
  | 'end'
  | 'groups'
  /** `n1>n3`, `n1-n3`, `n1`. */
  | 'link'
  | 'rate'
  /** A share, all of it included. */
  | 'chance'
  /** A whole number, 1 or more. */
  | 'count'
  | 'duration'
  /** A time, or 0. */
  | 'delay'
  /** A time with a sign, or 0. */
  | 'offset'
  | 'bytes'
  /** A time or bytes. */
  | 'amount'
  | 'nemesis'
  | 'words';

export interface ArgumentSpec {
  readonly name: string;
  readonly kind: ArgumentKind;
  readonly description: string;
  readonly optional?: boolean;
  readonly options?: readonly string[];
  /** Takes all words that are left, one at least. */
  readonly rest?: boolean;
  /** With this flag there is none. */
  readonly unless?: string;
  /** On the command line, flags of these names give it too: `--old-hex`, `--old-base64`. */
  readonly flag?: string;
  /** On the command line, `-` or nothing at all is standard input. */
  readonly orInput?: boolean;
}

export type FlagKind =
  | 'level'
  | 'node'
  | 'duration'
  | 'session'
  | 'guarantees'
  | 'count'
  | 'text'
  | 'switch';

export interface FlagSpec {
  readonly name: string;
  readonly char?: string;
  readonly kind: FlagKind;
  readonly description: string;
  /** Absent: as its kind has it. */
  readonly helpValue?: string;
  readonly options?: readonly string[];
  readonly hidden?: boolean;
  readonly default?: string;
  /** What it says when no value follows: what begins with a dash is none. */
  readonly bare?: string;
  /** Of a count. */
  readonly min?: number;
  readonly max?: number;
  /** Several values, also separated by commas. */
  readonly multiple?: boolean;
  /** Has no variable in the environment, because it takes something away. */
  readonly typedOnly?: boolean;
  /** Means nothing in a script. */
  readonly commandLineOnly?: boolean;
}

export interface Takes {
  readonly arguments: readonly ArgumentSpec[];
  readonly flags: readonly FlagSpec[];
}
