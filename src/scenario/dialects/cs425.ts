/**
 * The vocabulary of a course project on tunable consistency, on a quorum cluster: the verbs of its three vintages in one
 * (docs/coursework.md). Commands are typed at one server's console; here that is the cluster's first node.
 */
import { Client } from '../../client/client.js';
import { isPresent, searchNodes } from '../../client/search.js';
import { readStore } from '../../client/store.js';
import { type ClusterSpec, nodeNames } from '../../cluster/spec.js';
import { KvxError } from '../../core/errors.js';
import type { Millis, NodeId } from '../../core/ids.js';
import { invariant } from '../../core/invariant.js';
import { type Key, keyFromText } from '../../core/key.js';
import type { ClientResult, KeyOperation, Level } from '../../core/operation.js';
import { parseModeOptions } from '../../protocols/registry.js';
import { bytesToLine, keyToLine } from '../../report/bytes.js';
import type { Arena } from '../arena.js';
import { complaint, type Stage, type Verb, type Vocabulary } from './dialect.js';
import { Post } from './post.js';

const askMsMax: Millis = 5_000;
const keysMax = 10_000;

/** When the script is given no other: every server keeps every key. */
const nodeCount = 4;
const cluster = { name: 'cs425', mode: 'quorum', runtime: 'threads', sync: 'always' } as const;

export async function cs425(stage: Stage): Promise<Vocabulary> {
  if (stage.arena.spec === null) await stage.arena.up(stage.spec ?? ownSpec());
  const desk = new Console(stage);
  const verb = (
    usage: string,
    summary: string,
    run: (desk: Console, args: string[]) => Promise<void>,
  ): [string, Verb] => [
    usage.split(' ')[0] as string,
    { usage, summary, run: (args) => run(desk, [...args]) },
  ];
  const verbs = new Map([
    verb('get KEY [LEVEL]', 'read; newest of those that answer', (d, [key, level]) =>
      d.get(key, level),
    ),
    verb('insert KEY VALUE [LEVEL]', 'write if absent', (d, args) => d.write('insert', args)),
    verb('update KEY VALUE [LEVEL]', 'write if present', (d, args) => d.write('update', args)),
    verb('put KEY VALUE [LEVEL]', 'write', (d, args) => d.write('put', args)),
    verb('delete KEY', 'from all replicas', (d, [key]) => d.delete(key)),
    verb('show-all [NODE]', "one server's pairs, no repair", (d, [node]) => d.dump(node)),
    verb('dump [NODE]', "one server's pairs, no repair", (d, [node]) => d.dump(node)),
    verb('search KEY', 'who holds it, no repair', (d, [key]) => d.search(key)),
    verb('delay T', 'wait before the next command', (d, [time]) => d.delay(time)),
    verb('send MESSAGE… NODE', 'a message over the delayed link', (d, args) => d.send(args)),
    verb('bcast MESSAGE…', 'the same to every other server', (d, args) => d.broadcast(args)),
  ]);
  return {
    verbs,
    anyCase: true,
    suggest: (argument) => desk.suggest(argument),
    finish: () => desk.finish(),
    close: () => desk.close(),
  };
}

class Console {
  readonly #stage: Stage;
  readonly #arena: Arena;
  readonly #client: Client;
  readonly #post: Post;
  /** That were written here, for completion. */
  readonly #keys = new Set<string>();

  constructor(stage: Stage) {
    const { arena } = stage;
    this.#stage = stage;
    this.#arena = arena;
    const doors = (): ReturnType<Arena['doors']> => arena.doors();
    this.#client = new Client(doors, { start: 'first', timing: arena.timing, timeoutMs: askMsMax });
    this.#post = new Post(stage);
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

  async get(key = '', level?: string): Promise<void> {
    const { result } = await this.#client.execute(
      { type: 'get', key: keyFromText(key) },
      { level: this.#level(level) },
    );
    if (result.type !== 'value') throw failed(result);
    this.#say(pair(keyFromText(key), result.value));
  }

  async write(type: 'put' | 'insert' | 'update', args: readonly string[]): Promise<void> {
    const [key = '', value = '', level] = args;
    const bytes = new TextEncoder().encode(value);
    await this.#change({ type, key: keyFromText(key), value: bytes }, this.#level(level));
    if (this.#keys.size < keysMax) this.#keys.add(key);
  }

  async delete(key = ''): Promise<void> {
    await this.#change({ type: 'delete', key: keyFromText(key) }, 'all');
  }

  async dump(word?: string): Promise<void> {
    const node = word === undefined ? this.#self() : this.#node(word);
    const doors = this.#arena.doors().filter((door) => door.node === node);
    const { entries } = await readStore(doors, askMsMax);
    for (const { key, value } of entries) this.#say(pair(key, value));
  }

  async search(word = ''): Promise<void> {
    const key = keyFromText(word);
    const found = await searchNodes(this.#arena.doors(), key, askMsMax);
    for (const { node, entry, problem } of found) {
      if (problem !== null) this.#say(`${node} does not answer`);
      else if (entry !== null && !entry.deleted) this.#say(`${node} ${pair(key, entry.value)}`);
    }
    const holders = found.filter(isPresent).map(({ node }) => node);
    this.#say(`${keyToLine(key)} is on ${holders.length === 0 ? 'no server' : holders.join(' ')}`);
  }

  async delay(word = ''): Promise<void> {
    const unitMs = this.#stage.options.delayUnit === 'ms' ? 1 : 1000;
    if (!/^\d+(\.\d+)?$/.test(word)) {
      throw complaint(`delay takes a number such as 2 or 0.5, not ${JSON.stringify(word)}`);
    }
    await this.#arena.timing.sleep(Number(word) * unitMs, this.#stage.signal);
  }

  async send(words: readonly string[]): Promise<void> {
    const to = this.#node(words[words.length - 1] ?? '');
    this.#post.send(words.slice(0, -1).join(' '), this.#self(), to);
  }

  async broadcast(words: readonly string[]): Promise<void> {
    const self = this.#self();
    const others = this.#nodes().filter((node) => node !== self);
    for (const to of others) this.#post.send(words.join(' '), self, to);
  }

  async #change(operation: KeyOperation, level: Level | null): Promise<void> {
    const { result } = await this.#client.execute(operation, { level });
    if (result.type === 'done') this.#say('OK');
    else if (result.type === 'refused') {
      const { key } = operation;
      this.#say(`refused: ${pair(key, result.actual)}`);
    } else throw failed(result);
  }

  #say(line: string): void {
    this.#stage.out(`${line}\n`);
  }

  #nodes(): readonly NodeId[] {
    invariant(this.#arena.spec !== null, 'the cluster is up');
    return this.#arena.spec.nodes;
  }

  #self(): NodeId {
    return this.#nodes()[0] as NodeId;
  }

  #node(word: string): NodeId {
    const node = this.#nodes().find((name) => name === word);
    if (node !== undefined) return node;
    throw complaint(`there is no server ${word}; the servers are ${this.#nodes().join(', ')}`);
  }

  #level(word: string | undefined): Level | null {
    return word === undefined ? null : levelOf(word, this.#stage.options.models);
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
      throw complaint(
        `there is no level ${JSON.stringify(word)}; there are one (1), all (9), and the models 1 to 4`,
      );
  }
}

function ownSpec(): ClusterSpec {
  const options = parseModeOptions(cluster.mode, { replicas: nodeCount }, nodeCount);
  return { ...cluster, nodes: nodeNames(nodeCount), options, delays: [] };
}

/** `x = 5`, or `x absent`. */
const pair = (key: Key, value: Uint8Array | null): string =>
  value === null ? `${keyToLine(key)} absent` : `${keyToLine(key)} = ${bytesToLine(value)}`;

function failed(result: ClientResult): KvxError {
  invariant(result.type === 'error', `an answer of type ${result.type} is not to be explained`);
  const { code, definite, message } = result;
  return new KvxError(message, { code, definite });
}
