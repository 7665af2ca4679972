/**
 * What every replication mode says about itself, as data: the command line, the configuration loader, the runtimes and
 * the simulator read it here and nowhere else.
 */
import { KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { durationMsMax, nodesMax } from '../core/limits.js';
import type { Level, LevelName } from '../core/operation.js';
import type { Protocol, ProtocolTypes } from '../core/replica.js';
import { show } from '../core/show.js';

/** The consistency that a history of one mode's clients should have, strongest first. */
export type Consistency = 'strict-serializable' | 'linearizable' | 'regular' | 'eventual';

export interface Promised {
  /** Under which levels or circumstances, in words. */
  readonly when: string;
  readonly holds: string;
}

export interface ModeOption {
  readonly name: string;
  readonly summary: string;
  /**
   * `count` and `millis` are whole numbers from `min` to `max`; a `level` is a name or a number; a `rate` is a number
   * from 0 to below 1; `nodes` is a list without repetition, or `null` where that is the default.
   */
  readonly kind: 'count' | 'millis' | 'level' | 'rate' | 'nodes';
  readonly default: OptionValue;
  readonly min?: number;
  readonly max?: number;
  /** The flag of `cluster up` that sets it, without its dashes; a config file may call it so, too. */
  readonly flag?: string;
}

export type OptionValue = number | Level | readonly NodeId[] | null;

export interface Mode<P extends ProtocolTypes, Options> {
  readonly name: string;
  readonly summary: string;
  readonly levels: {
    readonly read: readonly LevelName[];
    readonly write: readonly LevelName[];
    /** Whether a number from 1 to the number of replicas is a level, too. */
    readonly numbers: boolean;
  };
  readonly defaultLevels: { readonly read: Level; readonly write: Level };
  readonly options: readonly ModeOption[];
  /** A command that comes again with the same session stamp is not executed again: clients may retry what is in doubt. */
  readonly exactlyOnce?: boolean;
  /** A node that has lost its journal may start at once: it copies from the others before it serves or counts. */
  readonly copiesByItself?: boolean;
  /** How many others must have their data for a node of so many to come back without its own; 1 when left out. */
  helpersNeeded?(nodes: number): number;
  /** The first node decides, alone and for good: without its journal nobody can. */
  readonly coordinatesAlone?: boolean;
  /** Absent: the nodes of a cluster are the same for ever. */
  readonly membership?: Membership<Options>;
  /** What it promises while faults come and go… */
  readonly promises: readonly Promised[];
  /** …and what gives way. */
  readonly givesWay: string;
  /** Which of the facts that its replicas tell (`ReplicaView.facts`) a glance at the cluster should show. */
  readonly glance: Glance;
  /** Checks a cluster's options against `nodes` nodes and fills in defaults. Throws `bad-request` (definite). */
  parseOptions(given: Readonly<Record<string, unknown>>, nodes: number): Options;
  /** What reads at one level promise when every write was made at another. Throws `bad-request` for unknown levels. */
  consistencyOf(read: Level, write: Level, options: Options): Consistency;
  readonly protocol: Protocol<P, Options>;
}

export interface Glance {
  /** Facts that every node has: a column each. */
  readonly columns: readonly string[];
  /** Facts that are there when something is the matter: a line each. */
  readonly remarks: readonly string[];
  /** The role whose nodes hold no keys at all. */
  readonly keepsNoCopy?: string;
}

/** Of modes that let nodes come and go while the cluster runs. */
export interface Membership<Options> {
  /** The options of every node from then on; `founders` are the nodes that the cluster was made with. */
  optionsWith(options: Options, founders: readonly NodeId[]): Options;
  /** A node may hold acknowledged writes that no other has: asked to remove itself, it tells them first. */
  readonly handsOver?: boolean;
  /** A new node may take itself in when no other is there to do it. */
  readonly joinsAlone?: boolean;
}

export function badOption(message: string, hint?: string): KvxError {
  const details = { code: 'bad-request', definite: true } as const;
  return new KvxError(message, hint === undefined ? details : { ...details, hint });
}

/** The error for a level that a mode does not have, or not with so few replicas. */
export function levelError(
  mode: string,
  level: Level,
  names: readonly LevelName[],
  numbersUpTo: number,
): KvxError {
  const numbers = numbersUpTo > 0 ? ` and the numbers 1 to ${numbersUpTo}` : '';
  const shown = show(level);
  return badOption(
    names.includes(level as LevelName)
      ? `level ${shown} asks for more replicas than the ${numbersUpTo} that a key has`
      : `mode ${mode} has no level ${shown}; it has ${names.join(', ')}${numbers}`,
  );
}

/**
 * The value of every option: as given, or its default. Throws `bad-request` (definite) for an unknown name or a value
 * that is out of bounds; whether levels exist is for the mode to say.
 */
export function readOptions(
  mode: string,
  options: readonly ModeOption[],
  given: Readonly<Record<string, unknown>>,
): Map<string, OptionValue> {
  const known = options.map((option) => option.name);
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw badOption(`mode ${mode} has no option ${show(name)}; it has ${known.join(', ')}`);
    }
  }
  const values = new Map<string, OptionValue>();
  for (const option of options) {
    const raw = Object.hasOwn(given, option.name) ? given[option.name] : undefined;
    values.set(option.name, raw === undefined ? option.default : checked(option, raw));
  }
  return values;
}

function checked(option: ModeOption, raw: unknown): OptionValue {
  switch (option.kind) {
    case 'level':
      if (typeof raw === 'string' || typeof raw === 'number') return raw as Level;
      throw mustBe(option, 'a level', raw);
    case 'rate':
      if (typeof raw === 'number' && raw >= 0 && raw < 1) return raw;
      throw mustBe(option, 'a number from 0 to below 1', raw);
    case 'nodes':
      return checkedNodes(option, raw);
    case 'count':
    case 'millis':
      return checkedNumber(option, raw);
  }
}

function checkedNodes(option: ModeOption, raw: unknown): OptionValue {
  if (raw === null && option.default === null) return raw;
  if (!Array.isArray(raw) || !raw.every((node) => typeof node === 'string' && node !== '')) {
    throw mustBe(option, 'a list of nodes, such as n3,n1,n2', raw);
  }
  if (raw.length > nodesMax) {
    throw badOption(`option ${option.name} names ${raw.length} nodes, at most ${nodesMax}`);
  }
  const twice = raw.find((node, at) => raw.indexOf(node) < at);
  if (twice === undefined) return raw;
  throw badOption(`option ${option.name} names ${twice} twice`);
}

function checkedNumber(option: ModeOption, raw: unknown): number {
  const min = option.min ?? 0;
  const isTime = option.kind === 'millis';
  const max = option.max ?? (isTime ? durationMsMax : Number.MAX_SAFE_INTEGER);
  if (typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= min && raw <= max) return raw;
  const unit = isTime ? ' milliseconds' : '';
  const isTooLong = typeof raw === 'number' && raw > max;
  const range =
    option.max === undefined && !isTooLong ? `at least ${min}` : `from ${min} to ${max}`;
  throw mustBe(option, `a whole number ${range}${unit}`, raw);
}

function mustBe({ name }: ModeOption, what: string, raw: unknown): KvxError {
  return badOption(`option ${name} must be ${what}, not ${show(raw)}`);
}
