/**
 * What `import … from 'kvx/fast-check'` gives: model-based tests of a cluster. What clients ask, what breaks and when is drawn and
 * shrunk by fast-check; what came of it is judged as any history is.
 */
import {
  type Arbitrary,
  type AsyncCommand,
  asyncModelRun,
  commands,
  constantFrom,
  nat,
  oneof,
  tuple,
  uniqueArray,
} from 'fast-check';
import { type Client, type Cluster, KvxError } from './index.js';
import { type JudgeBy, modelCalled, verdictOn } from './verdict.js';

/** What is known of a cluster without asking it. */
export interface KvxModel {
  /** Every value written is another one. */
  values: number;
  /** By key, what was surely written last; what nobody knows is not there. */
  readonly known: Map<string, string>;
  /** The node that was killed. */
  dead: string | null;
  /** A node is cut from the others. */
  isCut: boolean;
}

/** A cluster and its clients, who ask. */
export interface KvxReal {
  readonly cluster: Cluster;
  readonly clients: readonly Client[];
  /** Throws for what clients were told so far: a command that is not needed for it comes after it, and is shrunk away. */
  readonly judge: () => void;
}

export type KvxCommand = AsyncCommand<KvxModel, KvxReal>;

export interface KvxCommandsOptions {
  /** Left out: `a` and `b`. */
  readonly keys?: readonly string[];
  /** How many ask. Left out: 2. */
  readonly clients?: number;
  /** What may break, beside what is asked. Left out: both. */
  readonly faults?: readonly (keyof typeof faultSteps)[];
  /** Left out: fast-check's own. */
  readonly maxCommands?: number;
  /** As fast-check's report of a failure says it, beside `seed` and `path`. */
  readonly replayPath?: string;
}

/** Commands to be handed to {@link runKvxCommands}. As text, each is a line of the kvx language. */
export function kvxCommands(options: KvxCommandsOptions = {}): Arbitrary<Iterable<KvxCommand>> {
  const { keys = ['a', 'b'], clients = 2, faults = ['partitions', 'kills'] } = options;
  const { maxCommands, replayPath } = options;
  const client = nat(clients - 1);
  const key = constantFrom(...keys);
  const ask = oneof(
    ...kinds.map((kind) =>
      tuple(client, key, nat(63)).map(([who, what, at]) => new Ask(kind, who, what, at)),
    ),
  );
  const together = uniqueArray(ask, {
    ...{ minLength: 2, maxLength: clients },
    selector: ({ who }) => who,
  });
  return commands<KvxModel, KvxReal, false>(
    [
      ask,
      ask,
      ...(clients > 1 ? [together.map((asks) => new Together(asks))] : []),
      ...faults
        .flatMap((fault) => faultSteps[fault])
        .map((step) => nat(63).map((at) => new Fault(step, at))),
    ],
    {
      ...(maxCommands === undefined ? {} : { maxCommands }),
      ...(replayPath === undefined ? {} : { replayPath }),
    },
  );
}

export interface RunCommandsOptions extends JudgeBy {
  /** A name of `kvx check --model`, or what it is called. Left out: linearizable. */
  readonly model?: string;
  /** Of one operation; left out: 500 ms. What is cut off is not waited for longer. */
  readonly timeoutMs?: number;
}

/**
 * Does the commands on a fresh cluster, and throws unless what its clients were told satisfies the model: the evidence, as `kvx
 * check` prints it. On a simulated cluster with a seed, the same commands come to the same.
 */
export async function runKvxCommands(
  cluster: Cluster,
  drawn: Iterable<KvxCommand>,
  { model = 'linearizable', timeoutMs = 500, ...judgeBy }: RunCommandsOptions = {},
): Promise<void> {
  const name = modelCalled(model);
  // As many as any command may name.
  const clients = Array.from({ length: clientsMax }, (_, at) =>
    cluster.client({ name: `c${at + 1}`, timeoutMs }),
  );
  const state: KvxModel = { values: 0, known: new Map(), dead: null, isCut: false };
  const judge = (isOver = false): void => {
    const { verdict, message } = verdictOn(cluster, name, judgeBy);
    if (verdict === 'violated' || (isOver && verdict === 'unknown')) throw new Error(message);
  };
  await asyncModelRun(() => ({ model: state, real: { cluster, clients, judge } }), drawn);
  if (cluster.history().count > 0) judge(true);
}

/** What may break, and what mends it. */
const faultSteps = {
  partitions: ['fault isolate', 'fault heal'],
  kills: ['node kill', 'node restart'],
} as const;
type FaultStep = (typeof faultSteps)[keyof typeof faultSteps][number];

const clientsMax = 16;
const kinds = ['put', 'get', 'get', 'cas', 'delete'] as const;

class Ask implements KvxCommand {
  readonly kind: (typeof kinds)[number];
  readonly who: number;
  readonly key: string;
  /** Through which node; 0: any. */
  readonly #at: number;
  #text = '';

  constructor(kind: (typeof kinds)[number], who: number, key: string, at: number) {
    this.#at = at;
    this.kind = kind;
    this.who = who;
    this.key = key;
  }

  check({ known }: Readonly<KvxModel>): boolean {
    return this.kind !== 'cas' || known.has(this.key);
  }

  async run(model: KvxModel, real: KvxReal): Promise<void> {
    await this.ask(model, real);
    real.judge();
  }

  async ask(model: KvxModel, { cluster, clients }: KvxReal): Promise<void> {
    const { key } = this;
    const node = ['', ...cluster.nodes][this.#at % (cluster.nodes.length + 1)];
    const options = node ? { node } : {};
    const client = clients[this.who] as Client;
    const value = `${++model.values}`;
    const before = model.known.get(key);
    if (this.kind !== 'get') model.known.delete(key);
    this.#text = this.#words(client.name, before, value) + (node ? ` --node ${node}` : '');
    try {
      if (this.kind === 'get') await client.get(key, options);
      else if (this.kind === 'delete') await client.delete(key, options);
      else {
        if (this.kind === 'put') await client.put(key, value, options);
        else if (!(await client.cas(key, before ?? null, value, options)).ok) return;
        model.known.set(key, value);
      }
    } catch (error) {
      // That something can't be done while something is broken is no failure; what it led to is in the history.
      if (!(error instanceof KvxError) || error.code === 'bug' || error.code === 'bad-request')
        throw error;
    }
  }

  toString(): string {
    return this.#text || this.#words(`c${this.who + 1}`, '…', '…');
  }

  #words(client: string, before: string | undefined, value: string): string {
    const { kind, key } = this;
    const rest = { put: ` ${value}`, cas: ` ${before} ${value}`, get: '', delete: '' }[kind];
    return `client ${client}: ${kind} ${key}${rest}`;
  }
}

/** Several clients at the same time. */
class Together implements KvxCommand {
  readonly #asks: readonly Ask[];

  constructor(asks: readonly Ask[]) {
    this.#asks = asks;
  }

  check(model: Readonly<KvxModel>): boolean {
    return this.#asks.every((ask) => ask.check(model));
  }

  async run(model: KvxModel, real: KvxReal): Promise<void> {
    await Promise.all(this.#asks.map((ask) => ask.ask(model, real)));
    // Nobody knows which of them came last.
    for (const { key } of this.#asks) model.known.delete(key);
    real.judge();
  }

  toString(): string {
    return `at once { ${this.#asks.join('; ')} }`;
  }
}

/** One node at a time is cut off, and one is dead. */
class Fault implements KvxCommand {
  readonly #step: FaultStep;
  readonly #at: number;
  #text: string;

  constructor(step: FaultStep, at: number) {
    this.#step = step;
    this.#at = at;
    this.#text = `${step} …`;
  }

  check({ isCut, dead }: Readonly<KvxModel>): boolean {
    const isPossible: Readonly<Record<FaultStep, boolean>> = {
      ...{ 'fault isolate': !isCut, 'fault heal': isCut },
      ...{ 'node kill': dead === null, 'node restart': dead !== null },
    };
    return isPossible[this.#step];
  }

  async run(model: KvxModel, { cluster }: KvxReal): Promise<void> {
    const drawn = cluster.nodes[this.#at % cluster.nodes.length] ?? '';
    const node = this.#step === 'node restart' ? (model.dead ?? drawn) : drawn;
    if (this.#step.startsWith('fault')) model.isCut = this.#step === 'fault isolate';
    else model.dead = this.#step === 'node kill' ? node : null;
    this.#text = this.#step === 'fault heal' ? this.#step : `${this.#step} ${node}`;
    await cluster.run(this.#text);
  }

  toString(): string {
    return this.#text;
  }
}
