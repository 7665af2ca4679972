/**
 * The rules of a history, the same for every format: what may begin, what may end, and what ends must say. Formats read
 * a line into an {@link Event}; the builder refuses it, or makes it part of a {@link History}.
 */
import { historyTable, operationsMax } from './columns.js';
import { type Event, eventType, eventTypes, kindCode, outcomeCode } from './event.js';
import { FaultSpans, type NemesisFields } from './faults.js';
import { absent, type History, kinds, type Step, unsaid } from './history.js';
import { LineProblem } from './problem.js';
import { TextTable } from './text/text-table.js';

const none = -1;

export class HistoryBuilder {
  readonly keys = new TextTable();
  readonly nodes = new TextTable();
  readonly sessions = new TextTable();
  /** Ids of {@link History.values} less one: absence is not among them. */
  readonly values = new TextTable();
  readonly #table = historyTable();
  readonly #steps = new Map<number, readonly Step[]>();
  readonly #faults = new FaultSpans();
  /** By process, the operation it has open, or `none`. */
  readonly #open = new Map<number, number>();
  #lastTime = 0;

  /** The id of a value, given as text. */
  value(text: string | null): number {
    return text === null ? absent : this.values.internText(text) + 1;
  }

  /** Takes the next line, the `line`th of its file. Throws a {@link LineProblem}. */
  take(event: Event, line: number): void {
    if (event.time < this.#lastTime) {
      throw new LineProblem(
        `the clock goes back: this is at ${event.time} ns, the line before it at ${this.#lastTime} ns`,
      );
    }
    this.#lastTime = event.time;
    const open = this.#open.get(event.process) ?? none;
    if (event.type === eventType.invoke) this.#begin(event, open, line);
    else this.#end(event, open);
  }

  /** What the nemesis says, which need not make sense. */
  takeFault(fields: NemesisFields, line: number): void {
    this.#faults.take(fields, this.#lastTime, line);
  }

  /** What is still open may have happened at any later time. */
  finish(): History {
    return {
      ...this.#table.finish(),
      steps: this.#steps,
      keys: this.keys.texts(),
      values: [null, ...this.values.texts()],
      nodes: this.nodes.texts(),
      sessions: this.sessions.texts(),
      faults: this.#faults.finish(),
    };
  }

  #begin(event: Event, open: number, line: number): void {
    if (open !== none) {
      throw new LineProblem(
        `process ${event.process} has an operation open, since line ${this.#table.rows.line[open]}: one at a time`,
      );
    }
    if (this.#table.count >= operationsMax) {
      throw new LineProblem(`a history may have ${operationsMax} operations at most`);
    }
    checkInvocation(event);
    const at = this.#table.add();
    const { rows } = this.#table;
    this.#open.set(event.process, at);
    rows.process[at] = event.process;
    rows.kind[at] = event.kind;
    rows.outcome[at] = outcomeCode.info;
    rows.key[at] = event.key;
    rows.invokedAt[at] = event.time;
    rows.line[at] = line;
    if (event.kind === kindCode.delete) rows.written[at] = absent;
    else if (!isAnswered(event.kind)) rows.written[at] = event.value;
    rows.expected[at] = event.expected;
    this.#note(event, at);
    const steps = stepsOf(event);
    if (steps !== null) this.#steps.set(at, steps);
  }

  #end(event: Event, at: number): void {
    const { rows } = this.#table;
    if (at === none) {
      throw new LineProblem(
        `${eventTypes[event.type]} of process ${event.process}, which has no operation open`,
      );
    }
    this.#compare(event, at);
    this.#open.set(event.process, none);
    rows.outcome[at] = event.type - 1;
    this.#note(event, at);
    if (event.type === eventType.info) return;
    rows.returnedAt[at] = event.time;
    if (event.type === eventType.fail) rows.seen[at] = event.actual;
    else if (isTold(event.kind)) rows.seen[at] = Math.max(event.value, absent);
    else if (event.kind === kindCode.txn && event.steps !== null) {
      this.#steps.set(at, event.steps);
    }
  }

  /** What either line may say; the later one knows better. */
  #note(event: Event, at: number): void {
    const { rows } = this.#table;
    if (event.node !== unsaid) rows.node[at] = event.node;
    if (event.session !== unsaid) rows.session[at] = event.session;
    if (event.versionNode !== unsaid) {
      rows.versionStamp[at] = event.versionStamp;
      rows.versionNode[at] = event.versionNode;
    }
  }

  /** Refuses the completion of something else than what the process began. */
  #compare(event: Event, at: number): void {
    const { kind, key, written, expected } = this.#table.rows;
    if (event.kind !== kind[at]) this.#mismatch('f', event, at);
    if (event.key !== key[at]) this.#mismatch('key', event, at);
    checkCompletion(event);
    const repeats =
      isAnswered(event.kind) ||
      event.value === unsaid ||
      (event.value === written[at] && event.expected === expected[at]) ||
      (event.value === absent && event.kind !== kindCode.cas);
    if (!repeats) this.#mismatch('value', event, at);
    if (event.kind === kindCode.txn) this.#compareSteps(event, at);
  }

  #compareSteps(event: Event, at: number): void {
    const began = this.#steps.get(at) ?? [];
    const { steps } = event;
    if (steps === null) {
      if (event.type !== eventType.ok || !began.some(({ f }) => f === 'r')) return;
      throw new LineProblem('an ok txn must say what it read: its value is missing');
    }
    const same = steps.length === began.length && steps.every((step, i) => isSame(step, began[i]));
    if (!same) this.#mismatch('value', event, at);
  }

  #mismatch(what: 'f' | 'key' | 'value', event: Event, at: number): never {
    const { kind, line } = this.#table.rows;
    const began = `the ${kinds[kind[at] as number]} that process ${event.process} began in line ${line[at]}`;
    throw new LineProblem(`this does not complete ${began}: its ${what} is another`);
  }
}

function isSame(step: Step, began: Step | undefined): boolean {
  if (began === undefined || step.f !== began.f || step.key !== began.key) return false;
  return step.f === 'r' || step.value === began.value;
}

/** What its answer says, and not its question: what Knossos puts there is not information. */
const toldKinds = [kindCode.get, kindCode.dequeue, kindCode.drain, kindCode.generate];
const lockKinds = [kindCode.acquire, kindCode.release];

const isTold = (kind: number): boolean => toldKinds.includes(kind);
const isAnswered = (kind: number): boolean => isTold(kind) || lockKinds.includes(kind);

function checkInvocation(event: Event): void {
  if (event.actual !== unsaid) throw new LineProblem('an invocation says nothing of "actual"');
  switch (event.kind) {
    case kindCode.delete:
      if (event.value > absent) throw new LineProblem(`${named(event)} begins without a value`);
      break;
    case kindCode.cas:
      if (event.value === unsaid || event.expected === unsaid) {
        throw new LineProblem('the value of a cas is [old, new]');
      }
      break;
    case kindCode.txn:
      if (event.steps === null) throw new LineProblem('the value of a txn is a list of steps');
      break;
    default:
      if (!isAnswered(event.kind) && event.value <= absent) {
        throw new LineProblem(`${named(event)} needs a value other than null`);
      }
  }
  if ((event.key === unsaid) !== (event.kind === kindCode.txn)) {
    throw new LineProblem(
      event.key === unsaid ? `${named(event)} needs a key` : 'a txn has keys in its steps only',
    );
  }
}

const named = ({ kind }: Event): string => withArticle(kinds[kind] as string);

const withArticle = (name: string): string => `${/^[aiu]/.test(name) ? 'an' : 'a'} ${name}`;

const isConditional = (kind: number): boolean =>
  kind === kindCode.insert || kind === kindCode.update || kind === kindCode.cas;

function checkCompletion(event: Event): void {
  const isSilent = event.type === eventType.ok && event.value === unsaid;
  if (isSilent && event.kind === kindCode.get) {
    throw new LineProblem('an ok get must say what it read: its value is missing');
  }
  if (isSilent && event.kind === kindCode.generate) {
    throw new LineProblem('an ok generate must say what it made: its value is missing');
  }
  if (event.actual === unsaid) return;
  if (event.type !== eventType.fail || !isConditional(event.kind)) {
    throw new LineProblem('"actual" is for an insert, an update or a cas that failed');
  }
}

/** An append is a transaction of one step, too. While a transaction runs nobody knows what it reads. */
function stepsOf(event: Event): readonly Step[] | null {
  if (event.kind === kindCode.append) {
    return [{ f: 'append', key: event.key, value: event.value }];
  }
  if (event.kind !== kindCode.txn || event.steps === null) return null;
  return event.steps.map((step) => (step.f === 'r' ? { ...step, value: null } : step));
}
