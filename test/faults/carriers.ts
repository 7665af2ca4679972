/** Two nodes, `a` and `b`, on the links of each runtime, behind the filter that every node has. */
import { SeededRandom } from '../../src/core/random.js';
import { type LinkRules, noRules } from '../../src/faults/link-rules.js';
import { systemClock } from '../../src/node/clock.js';
import { FilteredLink } from '../../src/runtime/links/filter.js';
import { weightOf } from '../../src/runtime/links/weight.js';
import type { Clock, Link } from '../../src/runtime/ports.js';
import { SimNetwork } from '../../src/sim/network.js';
import { Process } from '../../src/sim/process.js';
import { World } from '../../src/sim/world.js';
import { type LinkWorld, type Note, note } from '../conformance/link.js';
import { RingWorld, SocketWorld } from '../conformance/link-worlds.js';

export interface Heard {
  readonly type: string;
  readonly n: number;
  readonly atMs: number;
}

type End = 'a' | 'b';
type Ends = Readonly<Record<End, Link<Note>>>;

const peerOf = { a: 'b', b: 'a' } as const;

interface Nature {
  readonly clock: Pick<Clock, 'now' | 'at'>;
  /** Lets something happen; `isQuiet`: nothing is on its way. */
  breathe(isQuiet: boolean): unknown;
  end(): unknown;
}

export class Carrier {
  readonly clock: Nature['clock'];
  /** What each has been told, in order. */
  readonly heard: Record<End, Heard[]> = { a: [], b: [] };
  readonly #nature: Nature;
  readonly #ends: Readonly<Record<End, FilteredLink<Note>>>;
  /** Messages that filters have let go and no filter has got. */
  #underWay = 0;

  constructor(ends: Ends, nature: Nature) {
    this.#nature = nature;
    this.clock = nature.clock;
    this.#ends = { a: this.#filtered('a', ends.a), b: this.#filtered('b', ends.b) };
  }

  setRules(rules: Partial<LinkRules>): void {
    for (const link of Object.values(this.#ends)) link.setRules({ ...noRules, ...rules });
  }

  send(from: End, types: readonly string[], first = 0, body = new Uint8Array()): void {
    const messages = types.map((type, at) => ({ type, n: first + at, body }));
    this.#ends[from].send(peerOf[from], messages);
  }

  async until(condition: () => boolean): Promise<void> {
    for (let breaths = 0; !condition(); breaths++) {
      if (breaths > 1_000_000) throw new Error(`it never came to that: ${condition}`);
      await this.#nature.breathe(this.#underWay === 0);
    }
  }

  pass(ms: number): Promise<void> {
    let isOver = false;
    this.clock.at(this.clock.now() + ms, () => {
      isOver = true;
    });
    return this.until(() => isOver);
  }

  /** Until nothing is on its way but what filters hold back. */
  arrived(): Promise<void> {
    return this.until(() => this.#underWay === 0);
  }

  async close(): Promise<void> {
    for (const link of Object.values(this.#ends)) link.close();
    await this.#nature.end();
  }

  #filtered(self: End, inner: Link<Note>): FilteredLink<Note> {
    const { clock } = this;
    const counted: Link<Note> = {
      hold: (from, held) => inner.hold(from, held),
      bytesWaiting: 0,
      onRelief: (handler) => inner.onRelief(handler),
      close: () => inner.close(),
      send: (to, messages) => {
        this.#underWay += messages.length;
        inner.send(to, messages);
      },
      onReceive: (handler) =>
        inner.onReceive((from, messages, bytes) => {
          this.#underWay -= messages.length;
          handler(from, messages, bytes);
        }),
    };
    const weigh = (each: Note) => weightOf(note, each);
    const random = new SeededRandom(self === 'a' ? 1 : 2);
    const link = new FilteredLink<Note>(self, counted, clock as Clock, () => random, { weigh });
    link.onReceive((_, messages) => {
      const atMs = clock.now();
      for (const { type, n } of messages) this.heard[self].push({ type, n, atMs });
    });
    return link;
  }
}

const clockOf = (world: World): Nature['clock'] => ({
  now: () => world.now,
  at: (deadline, run) => world.at(deadline, run),
});

const newWorld = (): World => new World({ seed: 1, eventsMax: Number.POSITIVE_INFINITY });

const nextImmediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * What is on its way takes its real time. The filters' own clock goes on when it has arrived: so however busy the machine is,
 * what is measured is what the filters do. `inRealTime`: it is the machine's.
 */
export async function onRealLinks(links: LinkWorld, inRealTime = false): Promise<Carrier> {
  const ends = { a: await links.start('a'), b: await links.start('b') };
  const world = newWorld();
  const carrier = new Carrier(await connected(ends), {
    clock: inRealTime ? systemClock : clockOf(world),
    breathe: (isQuiet) => (isQuiet && !inRealTime ? world.step() : nextImmediate()),
    end: () => links.close(),
  });
  return carrier;
}

/** What is sent before the two are connected may be lost: from now on it is not, and nothing is on its way. */
async function connected(ends: Ends): Promise<Ends> {
  const handlers: Partial<Record<End, Parameters<Link<Note>['onReceive']>[0]>> = {};
  const last = { a: -1, b: -1 };
  const proxy = (self: End): Link<Note> => {
    ends[self].onReceive((from, messages, bytes) => {
      last[self] = messages.at(-1)?.n ?? -1;
      handlers[self]?.(from, messages, bytes);
    });
    return Object.assign(Object.create(ends[self]), {
      send: (to: End, messages: readonly Note[]) => ends[self].send(to, messages),
      close: () => ends[self].close(),
      hold: (from: End, held: boolean) => ends[self].hold(from, held),
      onRelief: (handler: () => void) => ends[self].onRelief(handler),
      onReceive: (handler: Parameters<Link<Note>['onReceive']>[0]) => {
        handlers[self] = handler;
      },
    });
  };
  const made = { a: proxy('a'), b: proxy('b') };
  for (const self of ['a', 'b'] as const) {
    const tell = (n: number) =>
      made[self].send(peerOf[self], [{ type: 'note', n, body: new Uint8Array() }]);
    while (last[peerOf[self]] < 0) {
      tell(0);
      await nextImmediate();
    }
    tell(1);
    while (last[peerOf[self]] < 1) await nextImmediate();
  }
  return made;
}

async function simulated(): Promise<Carrier> {
  const world = newWorld();
  const network = new SimNetwork<Note>({ world, nodes: ['a', 'b'], message: note, uneven: false });
  const attach = (self: End) => network.attach(self, new Process(world));
  const ends = { a: attach('a'), b: attach('b') };
  return new Carrier(ends, { clock: clockOf(world), breathe: () => world.step(), end: () => {} });
}

export const carriers = [
  ['threads', () => onRealLinks(new RingWorld())],
  ['processes', () => onRealLinks(new SocketWorld())],
  ['the simulator', simulated],
] as const;
