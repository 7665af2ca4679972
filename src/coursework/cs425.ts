/**
 * The vocabulary of a course project on tunable consistency, on a quorum cluster: the verbs of its three vintages in one
 * (docs/coursework.md). Commands are typed at one server's console; here that is the cluster's first node.
 */

import { isPresent, readStore, searchNodes } from '../client/ask.js';
import { Client } from '../client/client.js';
import { usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import { type Key, keyFromText } from '../core/key.js';
import { durationMsMax } from '../core/limits.js';
import type { KeyOperation, Level } from '../core/operation.js';
import { show } from '../core/show.js';
import { drawDelayMs, scopeName } from '../faults/link-rules.js';
import { bytesToLine, keyToLine } from '../render/bytes.js';
import type { Target } from '../targets/target.js';
import { type DialectContext, type Vocabulary, verbsOf } from './dialect.js';

type Change = Exclude<KeyOperation, { readonly type: 'get' }>;

const askMsMax: Millis = 5_000;
const keysMax = 10_000;

export class Cs425 implements Vocabulary {
  readonly name = 'cs425';
  readonly verbs = verbsOf('cs425', {
    get: { run: ([key, level]) => this.#get(key, level) },
    insert: { run: (args) => this.#write('insert', args) },
    update: { run: (args) => this.#write('update', args) },
    put: { run: (args) => this.#write('put', args) },
    delete: { run: ([key]) => this.#delete(key) },
    'show-all': { run: ([node]) => this.#dump(node) },
    dump: { run: ([node]) => this.#dump(node) },
    search: { run: ([key]) => this.#search(key) },
    delay: { run: ([time]) => this.#delay(time) },
    send: { run: (args) => this.#send(args) },
    bcast: { run: (args) => this.#broadcast(args) },
  });
  readonly #context: DialectContext;
  readonly #target: Target;
  readonly #client: Client;
  readonly #post: Post;
  /** That were written here, for completion. */
  readonly #keys = new Set<string>();

  /** On a cluster that is up. */
  constructor(context: DialectContext) {
    const { target } = context;
    const { timing } = target;
    this.#context = context;
    this.#target = target;
    this.#client = new Client(() => target.endpoints(), { timing, timeoutMs: askMsMax });
    this.#post = new Post(context);
  }

  close(): void {
    this.#client.close();
  }

  suggest(argument: string): Iterable<string> {
    switch (argument) {
      case 'NODE':
        return this.#nodes();
      case 'LEVEL':
        return ['one', 'all', '1', '2', '3', '4', '9'];
      case 'KEY':
        return this.#keys;
      default:
        return [];
    }
  }

  /** What was sent still arrives after the last line. */
  finish(): Promise<void> {
    return this.#post.delivered();
  }

  async #get(word = '', level?: string): Promise<void> {
    const key = keyFromText(word);
    const get = { type: 'get', key } as const;
    const { value } = await this.#client.perform(get, { level: this.#level(level) });
    this.#say(pair(key, value));
  }

  async #write(type: 'put' | 'insert' | 'update', args: readonly string[]): Promise<void> {
    const [key = '', value = '', level] = args;
    const bytes = new TextEncoder().encode(value);
    await this.#change({ type, key: keyFromText(key), value: bytes }, this.#level(level));
    if (this.#keys.size < keysMax) this.#keys.add(key);
  }

  async #delete(key = ''): Promise<void> {
    await this.#change({ type: 'delete', key: keyFromText(key) }, 'all');
  }

  async #dump(word?: string): Promise<void> {
    const node = word === undefined ? this.#self() : this.#node(word);
    const endpoints = this.#target.endpoints().filter((endpoint) => endpoint.node === node);
    const { entries } = await readStore(endpoints, askMsMax);
    for (const { key, value } of entries) this.#say(pair(key, value));
  }

  async #search(word = ''): Promise<void> {
    const key = keyFromText(word);
    const found = await searchNodes(this.#target.endpoints(), key, askMsMax);
    for (const { node, entry, problem } of found) {
      if (problem !== null) this.#say(`${node} does not answer`);
      else if (entry !== null && !entry.deleted) this.#say(`${node} ${pair(key, entry.value)}`);
    }
    const holders = found.filter(isPresent).map(({ node }) => node);
    this.#say(`${keyToLine(key)} is on ${holders.length === 0 ? 'no server' : holders.join(' ')}`);
  }

  async #delay(word = ''): Promise<void> {
    const unitMs = this.#context.options.delayUnit === 'ms' ? 1 : 1000;
    const ms = /^\d+(\.\d+)?$/.test(word) ? Number(word) * unitMs : Number.NaN;
    if (!(ms <= durationMsMax)) {
      const wanted = 'a number such as 2 or 0.5, at most 24 days';
      throw usageError(`delay takes ${wanted}, not ${show(word)}`);
    }
    await this.#target.timing.sleep(ms, this.#context.signal);
  }

  async #send(words: readonly string[]): Promise<void> {
    const to = this.#node(words[words.length - 1] ?? '');
    this.#post.send(words.slice(0, -1).join(' '), this.#self(), to);
  }

  async #broadcast(words: readonly string[]): Promise<void> {
    const self = this.#self();
    const others = this.#nodes().filter((node) => node !== self);
    for (const to of others) this.#post.send(words.join(' '), self, to);
  }

  async #change(change: Change, level: Level | null): Promise<void> {
    const result = await this.#client.perform(change, { level });
    this.#say(result.type === 'done' ? 'OK' : `refused: ${pair(change.key, result.actual)}`);
  }

  #say(line: string): void {
    this.#context.out(`${line}\n`);
  }

  #nodes(): readonly NodeId[] {
    invariant(this.#target.spec !== null, 'the cluster is up');
    return this.#target.spec.nodes;
  }

  #self(): NodeId {
    return this.#nodes()[0] as NodeId;
  }

  #node(word: string): NodeId {
    const node = this.#nodes().find((name) => name === word);
    if (node !== undefined) return node;
    throw usageError(`there is no server ${word}; the servers are ${this.#nodes().join(', ')}`);
  }

  #level(word: string | undefined): Level | null {
    return word === undefined ? null : levelOf(word, this.#context.options.models);
  }
}

/**
 * 2 to 4 are the vintage of consistency models: 2, sequential, is served as linearizable, which implies it. `1` means
 * ONE in one vintage and linearizable in the other, so that has to be said.
 */
function levelOf(word: string, models: boolean): Level {
  switch (word.toLowerCase()) {
    case 'one':
    case '3':
      return 'one';
    case 'all':
    case '9':
      return 'all';
    case '1':
      return models ? 'linearizable' : 'one';
    case '2':
      return 'linearizable';
    case '4':
      return 2;
    default:
      throw usageError(
        `there is no level ${show(word)}; there are one (1), all (9), and the models 1 to 4`,
      );
  }
}

/** `x = 5`, or `x absent`. */
const pair = (key: Key, value: Uint8Array | null): string =>
  value === null ? `${keyToLine(key)} absent` : `${keyToLine(key)} = ${bytesToLine(value)}`;

/**
 * Plain messages between servers. The replicas have no message for them, so they do not travel through the nodes: each
 * is held here for a time drawn as the links draw theirs, uniform from 0 to twice the link's mean, order kept; it is lost
 * when the link is cut at either end of its way, or its receiver does not run when it arrives.
 */
export class Post {
  readonly #context: DialectContext;
  readonly #startedAt: Millis;
  /** When the last message on each link arrives. */
  readonly #lastDue = new Map<string, Millis>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(context: DialectContext) {
    this.#context = context;
    this.#startedAt = context.target.timing.now();
  }

  send(message: string, from: NodeId, to: NodeId): void {
    const { target, out } = this.#context;
    const { timing } = target;
    const sentAt = timing.now();
    const text = JSON.stringify(message);
    out(`${this.#clock(sentAt)}: ${from} sent ${text} to ${to}\n`);
    if (this.#isCut(from, to)) return;
    const name = scopeName({ from, to });
    const rule = target.rules().delays.find((delay) => scopeName(delay) === name);
    const delayMs = rule === undefined ? 0 : drawDelayMs(rule, () => timing.random());
    const due = Math.max(sentAt + delayMs, this.#lastDue.get(name) ?? 0);
    this.#lastDue.set(name, due);
    const way = this.#travel({ from, to, text, sentAt, due }).finally(() =>
      this.#underWay.delete(way),
    );
    this.#underWay.add(way);
  }

  async delivered(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #travel(letter: Letter): Promise<void> {
    const { target, out, signal } = this.#context;
    const { from, to, text, sentAt, due } = letter;
    await target.timing.sleep(Math.max(0, due - sentAt), signal);
    if (signal.aborted || this.#isCut(from, to)) return;
    const states = await target.control.states();
    if (!states.some(({ node, state }) => node === to && state === 'running')) return;
    const times = `sent at ${this.#clock(sentAt)}`;
    out(`${this.#clock(target.timing.now())}: ${to} received ${text} from ${from}, ${times}\n`);
  }

  #isCut(from: NodeId, to: NodeId): boolean {
    const { cuts } = this.#context.target.rules();
    return cuts.some((cut) => cut.from === from && cut.to === to);
  }

  /** Since the script began. */
  #clock(at: Millis): string {
    return `${Math.round(at - this.#startedAt)} ms`;
  }
}

interface Letter {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly text: string;
  readonly sentAt: Millis;
  readonly due: Millis;
}
