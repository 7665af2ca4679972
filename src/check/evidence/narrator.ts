/** Operations of a history in words: the pieces of which every explanation is made. */
import { kindCode, outcomeCode } from '../../history/event.js';
import {
  absent,
  type History,
  type Kind,
  kinds,
  type Step,
  unsaid,
} from '../../history/history.js';
import { transferOf } from '../objects/values.js';

const textMax = 24;

/** A key or value on a line of its own or within one: short, and without anything that could move a cursor. */
export function shownText(text: string): string {
  // What is empty would leave a hole in the sentence.
  if (text === '') return '""';
  // Control characters, and what turns the direction of text around.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about.
  const harmless = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '·');
  return harmless.length <= textMax
    ? harmless
    : `${harmless.slice(0, textMax - 1).replace(/\.+$/, '')}…`;
}

export class Narrator {
  readonly history: History;
  readonly #namesKeys: boolean;

  /** `namesKeys`: for stories about more than one key. */
  constructor(history: History, namesKeys = false) {
    this.history = history;
    this.#namesKeys = namesKeys;
  }

  #under(at: number): string {
    return this.#namesKeys && this.kind(at) !== 'txn' ? ` under ${this.key(at)}` : '';
  }

  kind(at: number): Kind {
    return kinds[this.history.kind[at] as number] as Kind;
  }

  /** `client 3`, or the session's name. */
  who(at: number): string {
    const session = this.history.session[at] as number;
    if (session !== unsaid) return `session ${shownText(this.history.sessions[session] ?? '')}`;
    return `client ${this.history.process[at]}`;
  }

  key(at: number): string | null {
    const key = this.history.key[at] as number;
    return key === unsaid ? null : shownText(this.history.keys[key] ?? '');
  }

  value(id: number): string {
    const text = this.history.values[id];
    return text === null || text === undefined ? 'nothing' : shownText(text);
  }

  /** What a key held before all operations; `initial`: an id. */
  atFirst(initial: number | undefined): string {
    return `at first there was ${this.value(initial ?? absent)}`;
  }

  /** ` from n2`, of what it read; nothing when the history does not say. */
  #from(at: number): string {
    const { outcome, kind } = this.history;
    const node = this.history.node[at] as number;
    const isRead = kind[at] === kindCode.get || outcome[at] === outcomeCode.fail;
    return node === unsaid || !isRead ? '' : ` from ${shownText(this.history.nodes[node] ?? '')}`;
  }

  /** Its doing in the past: `read 7 from n2`, `put 9`. */
  did(at: number): string {
    return `${this.#didWhat(at)}${this.#under(at)}${this.#from(at)}`;
  }

  #didWhat(at: number): string {
    const { written, expected, seen, outcome } = this.history;
    const value = this.value(written[at] as number);
    if (outcome[at] === outcomeCode.fail) return this.#wasRefused(at);
    switch (this.kind(at)) {
      case 'get':
        return `read ${this.value(seen[at] as number)}`;
      case 'delete':
        return 'deleted it';
      case 'insert':
        return `inserted ${value}`;
      case 'update':
        return `updated it to ${value}`;
      case 'cas':
        return written[at] === absent
          ? `deleted ${this.value(expected[at] as number)}`
          : `replaced ${this.value(expected[at] as number)} by ${value}`;
      case 'append':
        return `appended ${value}`;
      case 'txn':
        return `ran ${this.#steps(at)}`;
      case 'add':
      case 'enqueue':
        return `${this.kind(at)}${this.kind(at) === 'add' ? 'ed' : 'd'} ${value}`;
      case 'transfer':
        return `transferred ${this.#transfer(at)}`;
      case 'dequeue':
      case 'generate':
        return `${this.kind(at)}d ${this.value(seen[at] as number)}`;
      case 'drain':
        return `drained ${this.value(seen[at] as number)}`;
      case 'acquire':
      case 'release':
        return `${this.kind(at)}d the lock`;
      default:
        return `${this.kind(at)} ${value}`;
    }
  }

  #wasRefused(at: number): string {
    const seen = this.history.seen[at] as number;
    if (seen < absent) return `had its ${this.kind(at)} refused`;
    return `met ${this.value(seen)}`;
  }

  /** Its doing as a thing: `client 1's put of 9`. */
  deed(at: number): string {
    return `${this.who(at)}'s ${this.act(at)}${this.#under(at)}`;
  }

  /** `put of 9`, `read of 7`, `delete`. */
  act(at: number): string {
    const { written, expected, seen, outcome } = this.history;
    const value = this.value(written[at] as number);
    if (outcome[at] === outcomeCode.fail && (seen[at] as number) >= absent) {
      return `read of ${this.value(seen[at] as number)}`;
    }
    switch (this.kind(at)) {
      case 'get':
        return `read of ${this.value(seen[at] as number)}`;
      case 'delete':
        return 'delete';
      case 'cas':
        return `change from ${this.value(expected[at] as number)} to ${value}`;
      case 'txn':
        return 'transaction';
      default:
        return `${this.kind(at)} of ${value}`;
    }
  }

  /** As short as it can be said, for a table or a bar of the timeline: `put 9`, `get → 7`. */
  label(at: number): string {
    const { written, expected, seen, outcome } = this.history;
    const kind = this.kind(at);
    const result = (seen[at] as number) >= absent ? ` → ${this.value(seen[at] as number)}` : '';
    const failed = outcome[at] === outcomeCode.fail && result === '' ? ' ✗' : '';
    switch (kind) {
      case 'transfer':
        return `transfer ${this.#transfer(at)}${failed}`;
      case 'get':
      case 'delete':
      case 'dequeue':
      case 'drain':
      case 'generate':
      case 'acquire':
      case 'release':
        return `${kind}${result}${failed}`;
      case 'cas':
        return `cas ${this.value(expected[at] as number)} ${this.value(written[at] as number)}${result}${failed}`;
      case 'txn':
        return `${this.#steps(at)}${failed}`;
      default:
        return `${kind} ${this.value(written[at] as number)}${result}${failed}`;
    }
  }

  /** `5 from a to b` */
  #transfer(at: number): string {
    const id = this.history.written[at] as number;
    const transfer = transferOf(this.history.values[id] ?? null);
    if (transfer === null) return this.value(id);
    const { from, to, amount } = transfer;
    return `${amount} from ${shownText(from)} to ${shownText(to)}`;
  }

  #steps(at: number): string {
    return (this.history.steps.get(at) ?? []).map((step) => this.#step(step)).join(', ');
  }

  #step({ f, key, value }: Step): string {
    const name = shownText(this.history.keys[key] ?? '');
    const shown =
      value === null
        ? '?'
        : typeof value === 'number'
          ? this.value(value)
          : `[${value.map((id) => this.value(id)).join(' ')}]`;
    return f === 'r' ? `${name} → ${shown}` : `${f === 'w' ? 'put' : 'append'} ${name} ${shown}`;
  }

  /** `had been acknowledged` of a write, `had returned` of a read. */
  ended(at: number): string {
    const writes =
      this.history.kind[at] !== kindCode.get && this.history.outcome[at] === outcomeCode.ok;
    return writes ? 'had been acknowledged' : 'had returned';
  }
}
