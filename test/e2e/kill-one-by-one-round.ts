import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../../src/client/client.js';
import { asks } from '../../src/client/testing/asks.js';
import { control } from '../../src/cluster/cluster.js';
import { endpointsOf } from '../../src/cluster/endpoints.js';
import type { Cluster } from '../../src/cluster/state/state.js';
import { keyFromText } from '../../src/core/key.js';
import type { Random } from '../../src/core/random.js';
import { realTiming } from '../../src/node/timing.js';
import { Sandbox, specOf } from './cluster-sandbox.js';

const clients = 32;
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | null) => bytes && new TextDecoder().decode(bytes);

export interface KillReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** Keys that do not hold the last write that was acknowledged, nor one that came after it. */
  readonly lost: readonly string[];
  /** Writes whose client was told of an error, by what it was told. */
  readonly errors: readonly string[];
  /** The longest time in which no client had a write acknowledged. */
  readonly longestGapMs: number;
}

/**
 * Five Paxos nodes as processes, 32 clients that write each its own key over and over, and every second SIGKILL for a
 * random node, which is started again at once; `rounds` times. Then every key must hold what was acknowledged last.
 */
export async function killOneByOne(rounds: number, random: Random): Promise<KillReport> {
  const sandbox = new Sandbox();
  const client = { close: () => {} };
  try {
    const { cluster } = await sandbox.up(specOf('paxos', 'processes', 5));
    const paxos = new Client(endpointsOf(cluster), {
      timing: realTiming,
      exactlyOnce: true,
      timeoutMs: 10_000,
    });
    client.close = () => paxos.close();
    const load = new Load(paxos);
    const writers = Array.from({ length: clients }, (_, at) => load.write(at));
    await killAgainAndAgain(cluster, rounds, random);
    load.stop();
    await Promise.all(writers);
    return { kills: rounds, ...(await load.report()) };
  } finally {
    client.close();
    await sandbox.dispose();
  }
}

async function killAgainAndAgain(cluster: Cluster, rounds: number, random: Random): Promise<void> {
  const { nodes } = cluster.record;
  const steer = control(cluster);
  for (let round = 0; round < rounds; round++) {
    const next = delay(1000);
    const node = random.pick(nodes);
    const pid = (await steer.states()).find((state) => state.node === node)?.pid;
    if (pid != null) process.kill(pid, 'SIGKILL');
    await steer.restart(node);
    await next;
  }
}

class Load {
  readonly #client: Client;
  /** By client: the number of the last write that was acknowledged, and of the last that was tried. */
  readonly #acknowledged = new Array<number>(clients).fill(0);
  readonly #tried = new Array<number>(clients).fill(0);
  readonly #errors: string[] = [];
  #count = 0;
  #lastAt = performance.now();
  #longestGapMs = 0;
  #stopped = false;

  constructor(client: Client) {
    this.#client = client;
  }

  async write(at: number): Promise<void> {
    const key = keyFromText(`client-${at}`);
    for (let number = 1; !this.#stopped; number++) {
      this.#tried[at] = number;
      try {
        await asks.put(this.#client, key, bytesOf(String(number)));
        this.#acknowledged[at] = number;
        this.#count++;
        this.#breathe();
      } catch (error) {
        this.#errors.push((error as Error).message);
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#breathe();
  }

  async report() {
    const lost: string[] = [];
    for (let at = 0; at < clients; at++) {
      const { value } = await asks.get(this.#client, keyFromText(`client-${at}`));
      const held = Number(textOf(value) ?? 0);
      const [least, most] = [this.#acknowledged[at] ?? 0, this.#tried[at] ?? 0];
      if (held < least || held > most) lost.push(`client-${at}: ${held}, acknowledged ${least}`);
    }
    const longestGapMs = Math.round(this.#longestGapMs);
    return { acknowledged: this.#count, lost, errors: this.#errors, longestGapMs };
  }

  #breathe(): void {
    const now = performance.now();
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastAt);
    this.#lastAt = now;
  }
}
