/**
 * Operations as Jepsen and Knossos write them, whether in EDN or in their logs.
 *
 * - A register without a key is called `register`. Where one stands in the value, as Jepsen's `independent` has it
 *   (`[key nil]` when a read begins, `[key 3]` of a write, `[key [0 3]]` of a cas), it is taken from there; so a register
 *   whose values are lists of two can't be told from many registers.
 * - The order of the lines is what counts. A `:time` that is behind that of the line before is taken for the same, which
 *   makes operations overlap that may not have; without times, each line is a nanosecond after the one before.
 * - What an operation that failed, or whose end is not known, gives as its value is not looked at.
 */
import type { HistoryBuilder } from './builder.js';
import { type Edn, Keyword } from './edn.js';
import { textOfEdn } from './edn-text.js';
import { clearEvent, type Event, eventType, kindCode, newEvent } from './event.js';
import { absent, type Kind, unsaid } from './history.js';
import { processMax } from './json-event.js';
import { LineProblem } from './problem.js';
import { stepsFrom } from './steps.js';

export interface JepsenOperation {
  readonly process: Edn;
  readonly type: Edn;
  readonly f: Edn;
  readonly value: Edn;
  readonly key?: Edn | undefined;
  readonly time?: Edn | undefined;
  readonly node?: Edn | undefined;
  readonly session?: Edn | undefined;
  readonly actual?: Edn | undefined;
  readonly version?: { readonly stamp: Edn; readonly node: Edn } | undefined;
}

export const registerKey = 'register';

const kindOf: Readonly<Record<string, Kind>> = {
  ...{ read: 'get', get: 'get', write: 'put', put: 'put', cas: 'cas', append: 'append' },
  ...{ delete: 'delete', insert: 'insert', update: 'update', txn: 'txn' },
};

/** What a process has begun. */
interface Begun {
  readonly key: number;
  /** Its key stands in the value. */
  readonly isTuple: boolean;
}

export class JepsenReader {
  readonly #builder: HistoryBuilder;
  readonly #event = newEvent();
  readonly #begun = new Map<number, Begun>();
  #isTimed: boolean | null = null;
  #time = 0;

  constructor(builder: HistoryBuilder) {
    this.#builder = builder;
  }

  /** Leaves out what is of no client. Throws a {@link LineProblem}. */
  take(operation: JepsenOperation, line: number): void {
    const { process, type, f, node, session } = operation;
    if (process instanceof Keyword) return;
    const builder = this.#builder;
    const event = this.#event;
    clearEvent(event);
    event.process = toProcess(process);
    event.type = codeOf(':type', type, eventType, eventType);
    event.kind = kindCode[codeOf(':f', f, kindOf, kindCode)];
    event.time = this.#timeOf(operation.time);
    this.#readValue(operation, event);
    event.node = idOf(node, builder.nodes);
    event.session = idOf(session, builder.sessions);
    if (operation.actual !== undefined) event.actual = builder.value(textOfEdn(operation.actual));
    if (operation.version !== undefined) this.#readVersion(operation.version, event);
    builder.take(event, line);
  }

  #timeOf(time: Edn | undefined): number {
    this.#isTimed ??= typeof time === 'number';
    if (!this.#isTimed) return ++this.#time;
    if (typeof time !== 'number' || !Number.isSafeInteger(time)) {
      throw new LineProblem(':time must be a whole number of nanoseconds, as in lines before');
    }
    this.#time = Math.max(this.#time, time);
    return this.#time;
  }

  #readValue(operation: JepsenOperation, event: Event): void {
    if (event.kind === kindCode.txn) this.#readSteps(operation.value, event);
    else if (event.type === eventType.invoke) this.#begin(operation, event);
    else this.#end(operation, event);
  }

  #begin({ key, value }: JepsenOperation, event: Event): void {
    const builder = this.#builder;
    const pair = isPair(value) ? value : null;
    const isTuple =
      key === undefined && pair !== null && (event.kind !== kindCode.cas || isPair(pair[1] as Edn));
    const named = isTuple ? (pair[0] as Edn) : (key ?? registerKey);
    event.key = builder.keys.internText(textOfEdn(named) ?? 'nil');
    this.#begun.set(event.process, { key: event.key, isTuple });
    this.#readPlain(isTuple ? (pair[1] as Edn) : value, event);
  }

  #end({ key, value }: JepsenOperation, event: Event): void {
    const begun = this.#begun.get(event.process);
    event.key = begun?.key ?? unsaid;
    let plain = value;
    if (begun?.isTuple && isPair(value)) {
      event.key = this.#builder.keys.internText(textOfEdn(value[0] as Edn) ?? 'nil');
      plain = value[1] as Edn;
    } else if (key !== undefined)
      event.key = this.#builder.keys.internText(textOfEdn(key) ?? 'nil');
    if (event.type === eventType.ok) this.#readPlain(plain, event);
  }

  #readPlain(value: Edn, event: Event): void {
    const builder = this.#builder;
    if (event.kind !== kindCode.cas) {
      event.value = builder.value(textOfEdn(value));
      if (event.kind !== kindCode.get && event.value === absent) event.value = unsaid;
    } else if (isPair(value)) {
      event.expected = builder.value(textOfEdn(value[0] as Edn));
      event.value = builder.value(textOfEdn(value[1] as Edn));
    }
  }

  #readSteps(value: Edn, event: Event): void {
    if (event.type !== eventType.invoke && event.type !== eventType.ok) return;
    if (value === null) return;
    const plain = Array.isArray(value) ? value.map(plainStep) : value;
    event.steps = stepsFrom(plain, this.#builder, (item) => textOfEdn(item as Edn));
  }

  #readVersion({ stamp, node }: { stamp: Edn; node: Edn }, event: Event): void {
    if (typeof stamp !== 'number' || typeof node !== 'string') {
      throw new LineProblem(':version must be {:stamp NUMBER, :node "NAME"}');
    }
    event.versionStamp = stamp;
    event.versionNode = this.#builder.nodes.internText(node);
  }
}

const isPair = (value: Edn): value is readonly Edn[] => Array.isArray(value) && value.length === 2;

/** `[:append 3 1]`, its function by name. */
function plainStep(step: Edn): unknown {
  if (!Array.isArray(step)) return step;
  const [f, ...rest] = step as readonly Edn[];
  return [f instanceof Keyword ? f.name : f, ...rest];
}

function toProcess(process: Edn): number {
  if (Number.isInteger(process) && (process as number) >= 0 && (process as number) <= processMax) {
    return process as number;
  }
  throw new LineProblem(':process must be a whole number, or a keyword such as :nemesis');
}

/** What the word means; `known` are the words that a message names. */
function codeOf<T>(
  name: string,
  word: Edn,
  codes: Readonly<Record<string, T>>,
  known: Readonly<Record<string, unknown>>,
): T {
  if (word instanceof Keyword && Object.hasOwn(codes, word.name)) return codes[word.name] as T;
  const words = Object.keys(known).map((each) => `:${each}`);
  throw new LineProblem(`${name} must be one of ${words.join(', ')}`);
}

function idOf(name: Edn | undefined, table: HistoryBuilder['nodes']): number {
  const text = name === undefined ? null : textOfEdn(name);
  return text === null ? unsaid : table.internText(text);
}
