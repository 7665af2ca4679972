/** What may be said to an operation: its arguments and flags, as data. */

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
  | 'rate'
  /** A whole number, 1 or more. */
  | 'count'
  | 'duration'
  | 'words';

export interface ArgumentSpec {
  readonly name: string;
  readonly kind: ArgumentKind;
  readonly description: string;
  readonly optional?: boolean;
  /** Takes all words that are left, one at least. */
  readonly rest?: boolean;
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
  /** It is one of these. */
  readonly options?: readonly string[];
  /** Help does not show it. */
  readonly hidden?: boolean;
  readonly default?: string;
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

/** What an operation takes. */
export interface Takes {
  readonly arguments: readonly ArgumentSpec[];
  readonly flags: readonly FlagSpec[];
}
