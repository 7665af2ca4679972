/**
 * Operations as Jepsen and Knossos write them, whether in EDN, in their logs or as JSON.
 *
 * - A register without a key is called `register`. Where one stands in the value, as Jepsen's `independent` has it
 *   (`[key nil]` when a read begins, `[key 3]` of a write, `[key [0 3]]` of a cas), it is taken from there; so a register
 *   whose values are lists of two can't be told from many registers.
 * - The order of the lines is what counts. A `:time` that is behind that of the line before is taken for the same, which
 *   makes operations overlap that may not have; without times, each line is a nanosecond after the one before.
 * - What an operation that failed, or whose end is not known, gives as its value is not looked at; nor is what a read
 *   gives when it begins, but for its key: Knossos puts there what it will return.
 * - An operation is a transaction where its value is a list of steps, whatever it is called: long fork's reads are.
 */
import type { HistoryBuilder } from '../builder.js';
import { type Edn, EdnSymbol, Keyword } from '../edn/edn.js';
import { clearEvent, type Event, eventType, kindCode, newEvent } from '../event.js';
import type { NemesisFields } from '../faults.js';
import { absent, type Kind, unsaid } from '../history.js';
import { processMax } from '../json/event.js';
import { excerpt, FieldProblem, LineProblem } from '../problem.js';
import { stepsFrom } from '../steps.js';
import { kindWords, known, stepWords } from '../words.js';

export const jepsenFields = [
  ...['process', 'type', 'f', 'value', 'key', 'time'],
  ...['node', 'session', 'actual', 'version', 'fault', 'by'],
] as const;
export type JepsenField = (typeof jepsenFields)[number];

/** Fields are asked for one by one: what is left out is not understood. `undefined`: the operation has no such field. */
export interface JepsenOperation {
  get(field: JepsenField): Edn | undefined;
}

export const registerKey = 'register';

/** Of a history that names no process: it has one. */
const onlyProcess = 0;

/** What a process has begun. */
interface Begun {
  readonly word: string | null;
  readonly kind: number;
  readonly key: number;
  /** Its key stands in the value. */
  readonly isTuple: boolean;
}

/** A value's text, as the format has it; `null` of absence. */
export type TextOfValue = (value: Edn) => string | null;

const problem = (field: JepsenField, message: string) => new FieldProblem(field, message);

export class JepsenReader {
  readonly #builder: HistoryBuilder;
  readonly #textOf: TextOfValue;
  readonly #event = newEvent();
  readonly #begun = new Map<number, Begun>();
  #isTimed: boolean | null = null;
  #namesProcesses: boolean | null = null;
  #time = 0;

  constructor(builder: HistoryBuilder, textOf: TextOfValue) {
    this.#builder = builder;
    this.#textOf = textOf;
  }

  /** Leaves out what is neither a client's nor the nemesis'. Throws a `LineProblem`. */
  take(operation: JepsenOperation, line: number): void {
    const named = operation.get('process');
    const type = operation.get('type');
    if (isOfNoClient(named, type)) {
      if (nameOf(named) === 'nemesis') this.#takeFault(operation, line);
      return;
    }
    const builder = this.#builder;
    const event = this.#event;
    clearEvent(event);
    event.process = this.#processOf(named);
    event.type = typeOf(type);
    event.time = this.#timeOf(operation.get('time'));
    const value = operation.get('value') ?? null;
    const key = operation.get('key') ?? undefined;
    if (event.type === eventType.invoke) this.#begin(event, operation.get('f'), key, value);
    else this.#end(event, operation.get('f'), key, value);
    event.node = this.#idOf(operation.get('node'), builder.nodes);
    event.session = this.#idOf(operation.get('session'), builder.sessions);
    const actual = operation.get('actual');
    // Here nil says something: that nothing was there.
    if (actual !== undefined) event.actual = this.#value(actual);
    this.#readVersion(operation.get('version'), event);
    try {
      builder.take(event, line);
    } catch (error) {
      if (this.#namesProcesses || !(error instanceof LineProblem)) throw error;
      throw new LineProblem(`${error.message} (no processes are named: all is one client's)`);
    }
  }

  #takeFault(operation: JepsenOperation, line: number): void {
    const { time, ...fields } = nemesisFields(operation);
    this.#builder.takeFault(this.#isTimed === false ? fields : { time, ...fields }, line);
  }

  #processOf(process: Edn | undefined): number {
    const isNamed = process !== undefined && process !== null;
    this.#namesProcesses ??= isNamed;
    if (isNamed !== this.#namesProcesses) {
      const message = isNamed
        ? ':process is given here, but not in lines before'
        : ':process is missing, which lines before give';
      throw problem('process', message);
    }
    if (!isNamed) return onlyProcess;
    const isNumber = Number.isInteger(process) && (process as number) >= 0;
    if (isNumber && (process as number) <= processMax) return process as number;
    throw problem('process', ':process must be a whole number, or a keyword such as :nemesis');
  }

  #timeOf(time: Edn | undefined): number {
    this.#isTimed ??= typeof time === 'number';
    if (!this.#isTimed) return ++this.#time;
    if (typeof time !== 'number' || !Number.isSafeInteger(time)) {
      throw problem('time', ':time must be a whole number of nanoseconds, as in lines before');
    }
    this.#time = Math.max(this.#time, time);
    return this.#time;
  }

  #begin(event: Event, f: Edn | undefined, key: Edn | undefined, value: Edn): void {
    const word = wordOf(f);
    event.kind = isSteps(value) ? kindCode.txn : kindOf(f, word);
    let begun: Begun = { word, kind: event.kind, key: unsaid, isTuple: false };
    if (event.kind === kindCode.txn) this.#readSteps(value, event);
    else {
      const pair = isPair(value) ? value : null;
      const isTuple =
        key === undefined && pair !== null && (event.kind !== kindCode.cas || isPair(pair[1]));
      event.key = this.#keyOf(isTuple ? pair[0] : (key ?? registerKey));
      begun = { ...begun, key: event.key, isTuple };
      this.#readPlain(isTuple ? pair[1] : value, event);
    }
    this.#begun.set(event.process, begun);
  }

  #end(event: Event, f: Edn | undefined, key: Edn | undefined, value: Edn): void {
    const begun = this.#begun.get(event.process);
    const word = wordOf(f);
    event.kind = begun !== undefined && begun.word === word ? begun.kind : kindOf(f, word);
    if (event.kind === kindCode.txn) {
      this.#readSteps(value, event);
      return;
    }
    event.key = begun?.key ?? unsaid;
    let plain = value;
    if (begun?.isTuple && isPair(value)) {
      event.key = this.#keyOf(value[0]);
      plain = value[1];
    } else if (begun?.isTuple && event.type === eventType.ok && Array.isArray(value)) {
      throw problem('value', 'this began as [key, value], and ends as something else');
    } else if (key !== undefined) event.key = this.#keyOf(key);
    if (event.type === eventType.ok) this.#readPlain(plain, event);
  }

  #keyOf(key: Edn): number {
    return this.#builder.keys.internText(this.#textOf(key) ?? 'nil');
  }

  #value(value: Edn): number {
    const text = this.#textOf(value);
    return text === ':nil' ? absent : this.#builder.value(text);
  }

  #readPlain(value: Edn, event: Event): void {
    if (event.kind !== kindCode.cas) {
      event.value = this.#value(value);
      if (event.kind !== kindCode.get && event.value === absent) event.value = unsaid;
    } else if (isPair(value)) {
      event.expected = this.#value(value[0]);
      event.value = this.#value(value[1]);
    }
  }

  #readSteps(value: Edn, event: Event): void {
    if (event.type !== eventType.invoke && event.type !== eventType.ok) return;
    if (value === null) return;
    const plain = Array.isArray(value) ? value.map(plainStep) : value;
    event.steps = stepsFrom(plain, this.#builder, (item) => {
      const text = this.#textOf(item as Edn);
      return text === ':nil' ? null : text;
    });
  }

  #readVersion(version: Edn | undefined, event: Event): void {
    if (!(version instanceof Map)) return;
    const [stamp, node]: (Edn | undefined)[] = [version.get(':stamp'), version.get(':node')];
    if (typeof stamp !== 'number' || typeof node !== 'string') {
      throw problem('version', ':version must be {:stamp NUMBER, :node "NAME"}');
    }
    event.versionStamp = stamp;
    event.versionNode = this.#builder.nodes.internText(node);
  }

  #idOf(name: Edn | undefined, table: HistoryBuilder['nodes']): number {
    const text = name === undefined ? null : this.#textOf(name);
    return text === null ? unsaid : table.internText(text);
  }
}

const isPair = (value: Edn | undefined): value is readonly [Edn, Edn] =>
  Array.isArray(value) && value.length === 2;

/** `[[:r :x nil] [:w :y 1]]` */
function isSteps(value: Edn): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((step: Edn) => {
    if (!Array.isArray(step) || step.length < 2 || step.length > 3) return false;
    const f = wordOf(step[0] as Edn);
    return f !== null && Object.hasOwn(stepWords, f);
  });
}

/** `[:append 3 1]`, its function by name. */
function plainStep(step: Edn): unknown {
  if (!Array.isArray(step)) return step;
  const [f, ...rest] = step as readonly Edn[];
  return [wordOf(f) ?? f, ...rest];
}

/** A keyword's name; or a string, as JSON has to write them, with or without its colon. */
function wordOf(word: Edn | undefined): string | null {
  if (word instanceof Keyword) return word.name;
  return typeof word === 'string' ? word.replace(/^:/, '') : null;
}

/**
 * What Jepsen calls its nemesis, whatever it did; and any other name, if all it ever says is `:info`, which is how what
 * is no client reports. A client is a number.
 */
function isOfNoClient(process: Edn | undefined, type: Edn | undefined): boolean {
  const name = nameOf(process);
  if (name === null) return false;
  return name === 'nemesis' || wordOf(type) === 'info';
}

const nameOf = (process: Edn | undefined): string | null =>
  process instanceof EdnSymbol ? process.name : wordOf(process);

/** What can't be read of it is left out. */
function nemesisFields(operation: JepsenOperation): NemesisFields {
  const read = (field: JepsenField): Edn | undefined => {
    try {
      return operation.get(field);
    } catch (error) {
      if (error instanceof LineProblem) return undefined;
      throw error;
    }
  };
  const [f, value, time, fault, by] = (['f', 'value', 'time', 'fault', 'by'] as const).map(read);
  return { f, value, time, fault, by };
}

function typeOf(type: Edn | undefined): number {
  if (type === undefined) throw problem('type', ':type is missing');
  const word = wordOf(type);
  if (word !== null && Object.hasOwn(eventType, word)) {
    return eventType[word as keyof typeof eventType];
  }
  throw problem('type', `:type must be one of ${known(eventType, ':')}`);
}

function kindOf(f: Edn | undefined, word: string | null): number {
  if (f === undefined) throw problem('f', ':f is missing');
  if (word !== null && Object.hasOwn(kindWords, word)) return kindCode[kindWords[word] as Kind];
  const not = word === null ? '' : `, not ${excerpt(word)}`;
  throw problem('f', `:f must be one of ${known(kindWords, ':')}${not}`);
}
