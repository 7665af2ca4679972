/**
 * A cluster for a test or a program: the same targets, operations, clients and recorder that scripts have, without a script.
 *
 * Real nodes run beside the caller, in a process that is the caller's child and ends with it, however the caller ends; its
 * state goes, too.
 */
import { setMaxListeners } from 'node:events';
import { readFinally } from '../client/final-reads.js';
import { readPlainConfigFile } from '../config/file.js';
import { flagSetting, type Setting } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Level } from '../core/operation.js';
import { KeptHistory } from '../explore/kept-history.js';
import { FileSink } from '../history/files/file-sink.js';
import type { History } from '../history/history.js';
import { JsonLines } from '../history/recorder/json-lines.js';
import { Recorder } from '../history/recorder/recorder.js';
import { useOwnModes } from '../node/own-modes.js';
import { startCluster as start } from '../operations/clusters.js';
import { anyAsker, OperationContext } from '../operations/context.js';
import { perform } from '../operations/operation.js';
import type { AnswerKind } from '../render/failure.js';
import { parseScript } from '../scenario/parser.js';
import type { Statement } from '../scenario/program.js';
import { attachedTarget, chooseUpCluster } from '../targets/local.js';
import { drawSeed, openTarget } from '../targets/place.js';
import type { Target, TargetSpec } from '../targets/target.js';
import { Client } from './client.js';

/** `threads` and `processes` are real; `sim` is in this process, on virtual time, and the same for the same seed. */
export type ClusterRuntime = 'threads' | 'processes' | 'sim';

/** What cluster is wanted. Whatever is left out is as `kvx cluster up` has it, but for three nodes. */
export interface StartOptions {
  /** How nodes replicate: `quorum` (left out), `2pc`, `gossip`, `paxos`, or the path of a mode of one's own. */
  readonly mode?: string;
  /** How many. Left out: 3. */
  readonly nodes?: number;
  /** Left out: `threads`. */
  readonly runtime?: ClusterRuntime;
  /** Of a simulated cluster; left out: drawn, and told by {@link Cluster.seed}. */
  readonly seed?: number;
  /** Of a simulated cluster: a mistake that its nodes make, by its name in the bug zoo. */
  readonly bug?: string;
  /** The mode's own settings, as a config file has them: `{ replicas: 3, read: 'one' }`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Mean one-way delay of links: `20ms`, `n1>n2=80ms`. */
  readonly delay?: string | readonly string[];
  /** Gossip: which nodes are linked. */
  readonly topology?: string;
  /** `off`: what was acknowledged may be lost in a power cut. Left out: `always`. */
  readonly sync?: 'always' | 'off';
  /** `worst:7`: gets return the stalest that their level and session allow. */
  readonly reads?: string;
  /** A YAML or JSON file as `kvx cluster up --config` takes it; what stands here comes first. */
  readonly config?: string;
  /** Its history is also written here, as `kvx check` reads it. */
  readonly historyFile?: string;
  /** Ends what is under way, and the cluster. */
  readonly signal?: AbortSignal;
}

/** Who a client is and how it asks. */
export interface ClientOptions {
  /** Left out: `c1`, `c2`, … */
  readonly name?: string;
  /** The nodes that it is connected to. Left out: all. */
  readonly nodes?: readonly NodeId[];
  /** Of its operations, unless they say otherwise. Left out: the cluster's own. */
  readonly level?: Level;
  /** Of each operation. Left out: 5,000 ms. */
  readonly timeoutMs?: Millis;
  /** True: it never sees anything older than what it has read or written before; or what its session keeps to, such as `ryw,mr` or `all`. */
  readonly session?: boolean | string;
}

/** What came of a command. */
export interface Answer {
  readonly answer: AnswerKind;
  /** One word for why it is not yes. */
  readonly why: string | null;
  /** What the command prints with `--json`. */
  readonly document: unknown;
}

interface ClusterSetup {
  readonly target: Target;
  readonly seed: number | null;
  readonly closing: AbortController;
  readonly kept: KeptHistory;
  readonly recorder: Recorder;
}

/**
 * A cluster that is up. `await using cluster = await startCluster(…)` stops it at the end of the block; so does
 * {@link close}.
 */
export class Cluster {
  readonly #target: Target;
  readonly #closing: AbortController;
  readonly #context: OperationContext;
  readonly #kept: KeptHistory;
  readonly #recorder: Recorder;
  #unwatch: () => void = () => {};
  #clientCount = 0;
  /** Of a simulated cluster: with it, all of the same calls come to the same. `null`: real nodes have none. */
  readonly seed: number | null;

  /** @internal Use {@link startCluster}. */
  constructor({ target, seed, closing, kept, recorder }: ClusterSetup) {
    const { signal } = closing;
    // Every client that waits listens.
    setMaxListeners(0, signal);
    this.#target = target;
    this.seed = seed;
    this.#closing = closing;
    this.#kept = kept;
    this.#recorder = recorder;
    this.#context = new OperationContext({ targets: [target], signal, recorder, kept });
  }

  /** @internal */
  async begin(up: (context: OperationContext) => Promise<unknown>): Promise<this> {
    try {
      this.#unwatch = await this.#target.watchFaults(this.#recorder);
      await up(this.#context);
      return this;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Those that are members now. */
  get nodes(): readonly NodeId[] {
    return this.#spec.nodes;
  }

  get mode(): string {
    return this.#spec.mode;
  }

  get runtime(): ClusterRuntime {
    return this.#target.runtime;
  }

  /** Of a simulated cluster: a digest of all that has happened so far, the same for the same seed and calls. */
  get traceHash(): string | null {
    return this.#target.traceHash ?? null;
  }

  /** Somebody who asks. Clients of one name are one client. */
  client(options: ClientOptions = {}): Client {
    const { name = `c${++this.#clientCount}`, nodes = null, session = false } = options;
    const { level, timeoutMs } = options;
    const words = [
      `client ${name}`,
      ...(nodes === null ? [] : [`at ${nodes.join(',')}`]),
      ...(level === undefined ? [] : [`--level=${level}`]),
      ...(timeoutMs === undefined ? [] : [`--timeout=${timeoutMs}ms`]),
      ...(session === false ? [] : [`--session=${name}`]),
      ...(typeof session === 'string' ? [`--guarantees=${session}`] : []),
    ];
    const statement = this.#parsed(words.join(' '));
    if (statement.type !== 'client') throw usageError(`${name} can't be a client's name`);
    return new Client(this.#context, this.#context.asker(statement.client));
  }

  /** Does a command of the kvx language, such as `node add`, `verify` or `fault list`. Rejects with what goes wrong. */
  async run(command: string): Promise<Answer> {
    const statement = this.#parsed(command);
    if (statement.type !== 'command') {
      throw usageError(`not a command: ${command}`, 'A script as a whole: `kvx run`.');
    }
    const { command: operation, given } = statement.invocation;
    const { answer, why, json } = await perform(operation, {
      ...{ given, context: this.#context, asker: anyAsker, json: true },
      timeoutMsMax: Number.POSITIVE_INFINITY,
      says: () => {},
      tell: () => {},
    });
    return { answer, why, document: json() };
  }

  /** Breaks or mends something, by the words of `kvx fault`: `partition n1/n2,n3`, `delay n1>n3 20ms`, `clock n2 +500ms`, `heal`. */
  async fault(words: string): Promise<void> {
    await this.run(`fault ${words}`);
  }

  /** Groups that can't talk to each other; a single group is cut from the rest. */
  partition(...groups: readonly (readonly NodeId[])[]): Promise<void> {
    return this.fault(`partition ${groups.map((group) => group.join()).join('/')}`);
  }

  /** Cuts a node from all others. */
  isolate(node: NodeId): Promise<void> {
    return this.fault(`isolate ${node}`);
  }

  /** Slows a link down: `n1>n3` one way, `n1-n3` both; left out: all. */
  delay(meanMs: Millis, link = ''): Promise<void> {
    return this.fault(`delay ${link} ${meanMs}ms`);
  }

  /** Loses a share of the messages, 0 to 1, of a link; left out: of all. */
  drop(share: number, link = ''): Promise<void> {
    return this.fault(`drop ${link} ${share * 100}%`);
  }

  /** Mends all links, disks and clocks. Nodes that are dead or paused stay so. */
  heal(): Promise<void> {
    return this.fault('heal');
  }

  /** SIGKILL, or its twin among threads. */
  kill(...nodes: readonly NodeId[]): Promise<void> {
    return this.#toNodes('kill', nodes);
  }

  /** Starts nodes that are dead; kills those first that are not. */
  restart(...nodes: readonly NodeId[]): Promise<void> {
    return this.#toNodes('restart', nodes);
  }

  /** SIGSTOP, or its twin among threads. */
  pause(...nodes: readonly NodeId[]): Promise<void> {
    return this.#toNodes('pause', nodes);
  }

  resume(...nodes: readonly NodeId[]): Promise<void> {
    return this.#toNodes('resume', nodes);
  }

  /** Whether all replicas hold the same, once what is in flight has settled. False also when nobody knows. */
  async verify(): Promise<boolean> {
    return (await this.run('verify')).answer === 'yes';
  }

  /** What all clients have asked and were told so far, and what was broken meanwhile. */
  history(): History {
    return this.#kept.history();
  }

  /**
   * Reads every key through every node, for as long as nodes differ but for ten seconds at most, so that the history tells
   * whether they agree in the end: `eventual` is about nothing else.
   */
  async readEverywhere(): Promise<void> {
    const { timing } = this.#target;
    const { signal } = this.#closing;
    await readFinally(this.#target.endpoints(), { recorder: this.#recorder, timing, signal });
  }

  /** Waits, in the cluster's own time: virtual time does not pass otherwise. */
  sleep(ms: Millis): Promise<void> {
    return this.#target.timing.sleep(ms, this.#closing.signal);
  }

  /** Stops the cluster and removes what it left; one that was there before stays. More calls do nothing. */
  async close(): Promise<void> {
    this.#context.close();
    this.#unwatch();
    this.#closing.abort();
    await this.#target.close();
    this.#recorder.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #spec(): TargetSpec {
    return this.#context.spec;
  }

  async #toNodes(step: string, nodes: readonly NodeId[]): Promise<void> {
    await this.run(`node ${step} ${nodes.join(' ')}`);
  }

  #parsed(line: string): Statement {
    const clients = this.#context.askerNames;
    const options = { source: 'command', spec: this.#spec, attached: true, clients };
    const { statements } = parseScript(line, options);
    const [statement] = statements;
    if (statement === undefined) throw usageError('a command is missing');
    return statement;
  }
}

/**
 * Starts a cluster of the caller's own, and returns when every node answers. Rejects with a definite {@link KvxError}: `config`
 * for what is wrong with the options, `cluster` when nodes did not start; then nothing is left of it.
 */
export async function startCluster(options: StartOptions = {}): Promise<Cluster> {
  useOwnModes();
  const { runtime = 'threads', bug, signal } = options;
  const spec = resolveSpec([...settingsIn(options.config), ...settingsOf(options)]);
  const isSimulated = runtime === 'sim';
  if (!isSimulated && (options.seed !== undefined || bug !== undefined)) {
    throw usageError(`a seed or a bug is for the simulator, not for ${runtime}`);
  }
  const seed = isSimulated ? (options.seed ?? drawSeed()) : null;
  const closing = new AbortController();
  const target = openTarget({ runtime, seed, bug }, { err: () => {} }, closing.signal);
  const cluster = clusterOn(target, seed, closing, options.historyFile);
  signal?.addEventListener('abort', () => void cluster.close(), { once: true });
  return cluster.begin((context) => start({ context, says: () => {} }, spec, false));
}

/**
 * The cluster that `kvx cluster up` has started under this name; left out: the one that commands mean. It stays up when
 * it is closed here. Rejects with a definite `cluster` unless it is up.
 */
export async function connect(name?: string): Promise<Cluster> {
  useOwnModes();
  const closing = new AbortController();
  const target = attachedTarget(chooseUpCluster(name), closing.signal);
  return clusterOn(target, null, closing).begin(async () => {});
}

function clusterOn(
  target: Target,
  seed: number | null,
  closing: AbortController,
  historyFile?: string,
): Cluster {
  const lines = historyFile === undefined ? null : new JsonLines(new FileSink(historyFile));
  const kept = new KeptHistory(lines);
  const recorder = new Recorder({ sink: kept, now: () => target.timing.now() });
  return new Cluster({ target, seed, closing, kept, recorder });
}

const settingsIn = (config: string | undefined): readonly Setting[] =>
  config === undefined ? [] : readPlainConfigFile(config);

function settingsOf(options: StartOptions): Setting[] {
  const { mode, nodes, config, delay, topology, sync, reads } = options;
  const isGiven = nodes !== undefined || config !== undefined;
  const said = {
    ...options.options,
    ...{ mode, topology, sync, reads, nodes: isGiven ? nodes : nodesDefault },
  };
  const delays = typeof delay === 'string' ? [delay] : (delay ?? []);
  return [...Object.entries(said), ...delays.map((each) => ['delay', each] as const)]
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => flagSetting(name, value, `option ${name}`));
}

const nodesDefault = 3;
