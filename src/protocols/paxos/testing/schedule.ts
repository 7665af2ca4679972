/** A random schedule: clients, faults and the judgement of what came out. See `schedules.test.ts`. */
import { invariant } from '../../../core/invariant.js';
import type { ClientResult, Operation, SessionStamp } from '../../../core/operation.js';
import type { Random } from '../../../core/random.js';
import { SeededRandom } from '../../../core/random.js';
import type { TestNode } from './node.js';
import { bytes, get, key, put, type Ticket, textOf, World } from './world.js';

export interface ScheduleSetup {
  readonly nodes: number;
  readonly failRate: number;
  readonly changes: boolean;
  /** Now and then a node loses its disk, and comes back as a new member. */
  readonly losses?: boolean;
  readonly seed: number;
  readonly steps?: number;
}

interface Done {
  readonly operation: Operation;
  readonly result: ClientResult;
  /** In steps. */
  readonly invoked: number;
  readonly returned: number;
}

/** One client: one operation at a time, sent again under the same stamp until its result is known. */
interface Client {
  readonly name: string;
  sequence: number;
  ticket: Ticket | null;
  operation: Operation | null;
  stamp: SessionStamp | null;
  invoked: number;
  /** Increments that were acknowledged. */
  counted: number;
}

/** A node that has lost its disk, on its way back. */
interface Lost {
  readonly node: TestNode;
  step: 'remove' | 'add';
  ticket: Ticket | null;
}

export class Schedule {
  readonly world: World;
  readonly #random: Random;
  readonly #setup: ScheduleSetup;
  readonly #clients: Client[];
  readonly #done: Done[] = [];
  #step = 0;
  #isHealed = false;
  #lost: Lost | null = null;
  #lossCount = 0;

  constructor(setup: ScheduleSetup) {
    this.#setup = setup;
    const nodes = Array.from({ length: setup.nodes }, (_, at) => `n${at + 1}`);
    const { seed, failRate } = setup;
    this.world = new World({ nodes, seed, options: { failRate } });
    this.#random = new SeededRandom(seed * 7919);
    this.#clients = Array.from({ length: 4 }, (_, at) => ({
      name: `c${at}`,
      sequence: 0,
      ticket: null,
      operation: null,
      stamp: null,
      invoked: 0,
      counted: 0,
    }));
  }

  get doneCount(): number {
    return this.#done.length;
  }

  run(): void {
    for (const node of this.world.nodes.values()) node.start();
    for (let at = 0; at < (this.#setup.steps ?? 1500); at++) this.#disturb();
    this.#heal();
    this.#judge();
  }

  #disturb(): void {
    this.#step += 1;
    const { world } = this;
    const random = this.#random;
    const draw = random.below(1000);
    const node = random.pick([...world.nodes.values()]);
    if (draw < 620) this.#move();
    else if (draw < 800) this.#pass(random.below(40));
    else if (draw < 960) this.#clientMoves(random.pick(this.#clients));
    else if (draw < 970) this.#crash(node);
    else if (this.#setup.losses && draw < 980) this.#lose(node);
    else if (draw < 985) this.#toggleSync(node);
    else if (draw < 995) this.#snapshot(node);
    else if (this.#setup.changes) this.#change();
  }

  /** One message arrives, mostly an old one; or is lost; or arrives and stays to come again. */
  #move(): void {
    const { flights } = this.world;
    if (flights.length === 0) return this.#pass(5);
    const at = this.#random.chance(0.9) ? 0 : this.#random.below(flights.length);
    const flight = flights[at];
    if (flight === undefined) return;
    if (this.#random.chance(0.05)) this.world.drop(flight);
    else this.world.deliver(flight, this.#random.chance(0.03));
  }

  #pass(ms: number): void {
    this.world.now += ms;
    this.world.fireDue();
    for (const node of this.world.up) {
      if (!node.syncsAtOnce && this.#random.chance(0.3)) node.sync();
      if (node.isDrawing) node.drawSnapshot(1 + this.#random.below(3));
    }
  }

  #crash(victim: TestNode): void {
    if (this.#lost?.node === victim && this.#lost.step === 'remove') return;
    if (!victim.isUp) return victim.start();
    victim.crash(this.#random.below(4));
    this.#abandon(victim);
  }

  #abandon(victim: TestNode): void {
    if (this.#lost?.ticket?.node === victim.id) this.#lost.ticket = null;
    for (const client of this.#clients) {
      if (client.ticket?.node === victim.id && client.ticket.result === null) client.ticket = null;
    }
  }

  /** One node at a time: the others must be able to do without what it had. */
  #lose(victim: TestNode): void {
    if (this.#lost !== null) return this.#bringBack(this.#lost);
    if (victim.isUp) victim.crash();
    this.#abandon(victim);
    this.#lost = { node: victim, step: 'remove', ticket: null };
    this.#lossCount += 1;
  }

  /** Removed, started empty, added; each asked for until it is done. */
  #bringBack(lost: Lost): void {
    const { node, ticket } = lost;
    if (ticket?.result?.type === 'done') {
      lost.ticket = null;
      if (lost.step === 'add') {
        this.#lost = null;
        return;
      }
      const { version, existed } = ticket.result;
      node.lose();
      const removal = { stamp: version?.stamp ?? 0, existed: existed === true };
      node.start({ incarnation: 1_000_000 * this.#lossCount, removal });
      lost.step = 'add';
    }
    if (lost.ticket !== null && lost.ticket.result === null) return;
    const others = this.world.up.filter((other) => other !== node);
    if (others.length === 0) return;
    const operation = { type: 'reconfigure', change: lost.step, node: node.id } as const;
    lost.ticket = this.world.request(this.#random.pick(others).id, operation, { timeoutMs: 300 });
  }

  #toggleSync(node: TestNode): void {
    node.syncsAtOnce = !node.syncsAtOnce;
    if (node.isUp && node.syncsAtOnce) node.sync();
  }

  #snapshot(node: TestNode): void {
    if (node.isUp && !node.isDrawing) node.beginSnapshot();
  }

  #change(): void {
    const names = ['n4', 'n5'];
    const node = this.#random.pick(names);
    if (!this.world.nodes.has(node)) this.world.add(node).start();
    const change = this.#random.chance(0.6) ? 'add' : 'remove';
    const via = this.#random.pick([...this.world.nodes.values()]);
    if (via.isUp) this.world.request(via.id, { type: 'reconfigure', change, node });
  }

  #clientMoves(client: Client): void {
    if (client.operation === null) this.#begin(client);
    else this.#look(client);
    const up = this.world.up;
    if (client.operation === null || client.ticket !== null || up.length === 0) return;
    const { operation, stamp: session } = client;
    // Who is no member is told nothing, and can serve nobody.
    const { members } = this.world;
    const { id } = this.#random.pick(this.#isHealed && members.length > 0 ? members : up);
    client.ticket = this.world.request(id, operation, { session, timeoutMs: 300 });
  }

  #begin(client: Client): void {
    const draw = this.#random.below(10);
    client.invoked = this.#step;
    if (draw < 4) client.operation = get(this.#random.pick(['a', 'b']));
    else if (draw < 7) {
      client.operation = put(
        this.#random.pick(['a', 'b']),
        `${client.name}-${client.sequence + 1}`,
      );
    } else client.operation = this.#increment(client);
    if (client.operation.type === 'get') client.stamp = null;
    else client.stamp = { client: client.name, sequence: ++client.sequence };
  }

  /** Each client counts in a key of its own, by compare-and-set from what it has counted so far. */
  #increment({ name, counted }: Client): Operation {
    const expected = counted === 0 ? null : bytes(String(counted));
    return { type: 'cas', key: key(`count-${name}`), expected, value: bytes(String(counted + 1)) };
  }

  #look(client: Client): void {
    const { ticket, operation } = client;
    if (ticket === null || operation === null || ticket.result === null) return;
    const { result } = ticket;
    client.ticket = null;
    // Unknown or unavailable: again, under the same stamp.
    if (result.type === 'error') return;
    client.operation = null;
    this.#done.push({ operation, result, invoked: client.invoked, returned: this.#step });
    if (operation.type !== 'cas') return;
    invariant(result.type === 'done', `an increment was executed twice: ${JSON.stringify(result)}`);
    client.counted += 1;
  }

  /** Everybody is up again and nothing is lost any more: what is under way must come to its end. */
  #heal(): void {
    const { world } = this;
    for (const node of world.nodes.values()) {
      node.syncsAtOnce = true;
      if (node.isUp) node.sync();
      else if (this.#lost?.node !== node || this.#lost.step === 'add') node.start();
      while (node.isDrawing) node.drawSnapshot(3);
    }
    this.#isHealed = true;
    const start = world.now;
    world.runUntil(() => world.leaders.length > 0, 10_000);
    while (this.#lost !== null) {
      invariant(world.now - start < 15_000, `${this.#lost.node.id} does not come back`);
      this.#bringBack(this.#lost);
      world.run(50);
    }
    // Something new must get through, whichever member is asked.
    const via = this.#random.pick(this.world.members).id;
    const late = () => world.now - start > 15_000;
    let last = world.request(via, put('last', 'word'), { timeoutMs: 3000 });
    while (last.result?.type !== 'done') {
      invariant(!late(), 'no progress after healing');
      if (last.result !== null) last = world.request(via, put('last', 'word'), { timeoutMs: 3000 });
      world.run(50);
    }
    while (this.#clients.some((client) => client.operation !== null)) {
      invariant(!late(), 'a client is left without an answer');
      this.#step += 1;
      for (const client of this.#clients) if (client.operation !== null) this.#clientMoves(client);
      world.run(50);
    }
    world.runUntil(() => world.isQuiet(), 15_000);
    this.#readAgain();
  }

  #readAgain(): void {
    const { world } = this;
    world.runUntil(() => world.leaders.length > 0, 10_000);
    const via = this.#random.pick(world.members).id;
    for (const name of ['a', 'b']) {
      const invoked = this.#step;
      const ticket = world.request(via, get(name));
      world.runUntil(() => ticket.result !== null, 5000);
      const result = ticket.result as ClientResult;
      this.#done.push({ operation: get(name), result, invoked, returned: ++this.#step });
    }
  }

  #judge(): void {
    const states = this.world.members.map((member) => member.fact('applied'));
    invariant(new Set(states).size === 1, `nodes have executed different slots: ${states}`);
    for (const { name, counted } of this.#clients) {
      const entry = this.world.members[0]?.replica.inspect().lookup(key(`count-${name}`));
      const found = entry?.value ? Number(new TextDecoder().decode(entry.value)) : 0;
      invariant(found === counted, `${name} counted ${counted}, but ${found} is there`);
    }
    for (const name of ['a', 'b']) judgeRegister(this.#done.filter((done) => isAbout(done, name)));
  }
}

function isAbout({ operation }: Done, name: string): boolean {
  return 'key' in operation && operation.key === key(name);
}

/**
 * A register is linearizable when its versions, which are totally ordered, agree with real time: whatever begins after
 * an operation has returned shows no older version, and a write a newer one; and a version always carries one value.
 */
function judgeRegister(history: readonly Done[]): void {
  const values = new Map<number, string | null>();
  for (const { operation, result } of history) {
    const value =
      operation.type === 'put' ? new TextDecoder().decode(operation.value) : textOf(result);
    const before = values.get(stampOf(result));
    invariant(before === undefined || before === value, `a version shows ${before} and ${value}`);
    values.set(stampOf(result), value);
  }
  for (const earlier of history) {
    for (const later of history) {
      if (later.invoked <= earlier.returned) continue;
      const [first, second] = [stampOf(earlier.result), stampOf(later.result)];
      const isRight = later.operation.type === 'put' ? second > first : second >= first;
      invariant(isRight, `stale: ${JSON.stringify(earlier)} then ${JSON.stringify(later)}`);
    }
  }
}

function stampOf(result: ClientResult): number {
  if (result.type === 'value' || result.type === 'done') return result.version?.stamp ?? 0;
  throw new Error(`no version: ${JSON.stringify(result)}`);
}
