/** The options of a mode: data in the catalogue, checked and completed here. */
import { KvxError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import { durationMsMax, nodesMax } from '../../core/limits.js';
import type { Level } from '../../core/operation.js';
import { show } from '../../core/show.js';

export interface ModeOption {
  readonly name: string;
  readonly summary: string;
  /**
   * `count` and `millis` are whole numbers from `min` to `max`; a `level` is a name or a number; a `rate` is a number
   * from 0 to below 1; `nodes` is a list without repetition.
   */
  readonly kind: 'count' | 'millis' | 'level' | 'rate' | 'nodes';
  readonly default: OptionValue;
  readonly min?: number;
  readonly max?: number;
  /** The flag of `cluster up` that sets it, without its dashes; a config file may call it so, too. */
  readonly flag?: string;
}

type ValueOf<K extends ModeOption['kind']> = K extends 'level'
  ? Level
  : K extends 'nodes'
    ? readonly NodeId[]
    : number;
type OptionValue = ValueOf<ModeOption['kind']>;

/** The options of a mode, as these data say. */
export type OptionsOf<O extends readonly ModeOption[]> = {
  readonly [E in O[number] as E['name']]: ValueOf<E['kind']>;
};

/** An error of who asks for what no cluster can have. */
export function badOption(message: string): KvxError {
  return new KvxError(message, { code: 'bad-request', definite: true });
}

/**
 * The value of every option: as given, or its default. Throws `bad-request` (definite) for an unknown name or a value
 * that is out of bounds; whether levels exist is for the mode to say.
 */
export function readOptions<O extends readonly ModeOption[]>(
  mode: string,
  options: O,
  given: Readonly<Record<string, unknown>>,
): OptionsOf<O> {
  const known = options.map((option) => option.name);
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw badOption(`mode ${mode} has no option ${show(name)}; it has ${known.join(', ')}`);
    }
  }
  const values = options.map((option) => {
    const raw = Object.hasOwn(given, option.name) ? given[option.name] : undefined;
    return [option.name, raw === undefined ? option.default : checked(option, raw)];
  });
  return Object.fromEntries(values) as OptionsOf<O>;
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
