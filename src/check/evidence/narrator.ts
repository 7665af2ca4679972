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
export function shownText(text: string, lettersMax = textMax): string {
  // What is empty would leave a hole in the sentence.
  if (text === '') return '""';
  // Control characters, and what turns the direction of text around.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about.
  const harmless = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '·');
  return harmless.length <= lettersMax
    ? harmless
    : `${harmless.slice(0, lettersMax - 1).replace(/\.+$/, '')}…`;
}

/** What somebody did, in the past; what comes after it: `#what`. */
const past: Readonly<Record<Kind, string>> = {
  ...{ get: 'read', put: 'put', delete: 'deleted it', insert: 'inserted', update: 'updated it to' },
  ...{ cas: 'replaced', append: 'appended', txn: 'ran', add: 'added', enqueue: 'enqueued' },
  ...{ dequeue: 'dequeued', drain: 'drained', transfer: 'transferred', generate: 'generated' },
  ...{ acquire: 'acquired the lock', release: 'released the lock' },
};

/** Whether one asks with a value, and is not only told one. */
const isAsked = (kind: Kind): boolean =>
  ['put', 'insert', 'update', 'append', 'add', 'enqueue', 'transfer'].includes(kind);

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
    const process = this.history.process[at] as number;
    const name = this.history.names?.get(process);
    return `client ${name === undefined ? process : shownText(name)}`;
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

  /** ` from n2`; nothing when the history does not say. */
  #where(at: number, preposition: string): string {
    const node = this.history.node[at] as number;
    return node === unsaid ? '' : ` ${preposition} ${shownText(this.history.nodes[node] ?? '')}`;
  }

  #isRefused = (at: number): boolean => this.history.outcome[at] === outcomeCode.fail;

  /** `client 3 put 9` */
  whoDid(at: number): string {
    return `${this.who(at)} ${this.did(at)}`;
  }

  /** Its doing in the past: `read 7 from n2`, `put 9`, `had its insert refused by n2 (it held 7)`. */
  did(at: number): string {
    const seen = this.history.seen[at] as number;
    if (this.#isRefused(at)) {
      const why = seen < absent ? '' : ` (it held ${this.value(seen)})`;
      const what = `had its ${this.kind(at)}${this.#under(at)} refused`;
      return `${what}${this.#where(at, 'by')}${why}`;
    }
    const from = this.kind(at) === 'get' ? this.#where(at, 'from') : '';
    return `${this.#didWhat(at)}${this.#under(at)}${from}`;
  }

  #didWhat(at: number): string {
    const kind = this.kind(at);
    if (kind === 'cas' && this.history.written[at] === absent)
      return `deleted ${this.#expected(at)}`;
    const what = this.#what(at);
    return what === '' ? past[kind] : `${past[kind]} ${what}`;
  }

  /** What was asked of or answered, as it stands after the verb. */
  #what(at: number): string {
    switch (this.kind(at)) {
      case 'get':
      case 'dequeue':
      case 'drain':
      case 'generate':
        return this.value(this.history.seen[at] as number);
      case 'delete':
      case 'acquire':
      case 'release':
        return '';
      case 'cas':
        return `${this.#expected(at)} by ${this.#written(at)}`;
      case 'txn':
        return this.#steps(at);
      case 'transfer':
        return this.#transfer(at);
      default:
        return this.#written(at);
    }
  }

  #written(at: number): string {
    return this.value(this.history.written[at] as number);
  }

  #expected(at: number): string {
    return this.value(this.history.expected[at] as number);
  }

  /** Its doing as a thing: `client 1's put of 9`. */
  deed(at: number): string {
    return `${this.who(at)}'s ${this.act(at)}${this.#under(at)}`;
  }

  /** `put of 9`, `read of 7`, `delete`; what was refused with what is there is a read of that. */
  act(at: number): string {
    const seen = this.history.seen[at] as number;
    return this.#isRefused(at) && seen >= absent ? `read of ${this.value(seen)}` : this.asked(at);
  }

  /** The same, whatever came of it. */
  asked(at: number): string {
    const kind = this.kind(at);
    switch (kind) {
      case 'get':
        return `read of ${this.value(this.history.seen[at] as number)}`;
      case 'delete':
        return 'delete';
      case 'cas':
        return `change from ${this.#expected(at)} to ${this.#written(at)}`;
      case 'txn':
        return 'transaction';
      default:
        return `${kind} of ${this.#written(at)}`;
    }
  }

  /** As short as it can be said, for a table or a bar of the timeline: `put 9`, `get → 7`. */
  label(at: number): string {
    const kind = this.kind(at);
    const seen = this.history.seen[at] as number;
    const answer = seen >= absent ? this.value(seen) : '';
    const refusal = answer === '' ? ' ✗' : ` ✗ held ${answer}`;
    const end = this.#isRefused(at) ? refusal : answer === '' ? '' : ` → ${answer}`;
    switch (kind) {
      case 'cas':
        return `cas ${this.#expected(at)} ${this.#written(at)}${end}`;
      case 'txn':
        return `${this.#steps(at)}${end}`;
      default:
        return isAsked(kind) ? `${kind} ${this.#what(at)}${end}` : `${kind}${end}`;
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
