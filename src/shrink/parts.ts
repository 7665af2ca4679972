/** What small scenarios are drawn of: operations, faults, pauses, ends, out of what a failed run was made of. */
import type { NodeId } from '../core/ids.js';
import type { Random } from '../core/random.js';
import { textWord } from '../operations/transaction-text.js';
import type { Ingredients } from './ingredients.js';
import { freshValue, knownValue, type Small, type SmallStep } from './small.js';

export const pauses = ['20ms', '100ms', '500ms', '2s'];
/** What may go wrong in any run, beside what went wrong in this one. */
const usualFaults: readonly (readonly string[])[] = [
  ['node', 'kill', 'NODE'],
  ['node', 'pause', 'NODE'],
  ['fault', 'isolate', 'NODE'],
  ['fault', 'cut', 'LINK', '--type', 'MESSAGE'],
  ['fault', 'delay', 'LINK', '300ms', '--type', 'MESSAGE'],
  ['fault', 'cut', 'CLIENTS'],
];

export class Parts {
  readonly #from: Ingredients;
  readonly #random: Random;

  constructor(from: Ingredients, random: Random) {
    this.#from = from;
    this.#random = random;
  }

  rest(nodes: readonly NodeId[]): Omit<Small, 'nodes' | 'steps' | 'up'> {
    const random = this.#random;
    const { levels, differs, isHidden, key } = this.#from;
    const strong =
      levels.includes('linearizable') && random.chance(0.6) ? ['linearizable'] : levels;
    const level =
      random.chance(isHidden ? 0.7 : 0.3) && levels.length > 1 ? random.pick(strong) : null;
    const agree = random.chance(differs ? 0.9 : 0.3);
    const [apart, together] = [random.chance(0.5), random.chance(0.3)];
    const settled = this.#from.losesWrites && random.chance(0.6);
    return {
      ...{ level, judged: { agree, apart, together, settled }, read: statement(`try get ${key}`) },
      ...{ restartsAll: random.chance(0.4), ...this.end(nodes) },
    };
  }

  end(nodes: readonly NodeId[], away = this.#random.pick(nodes)): Pick<Small, 'away' | 'last'> {
    const others = nodes.filter((node) => node !== away);
    const { reads } = this.#from;
    return { away, last: [this.operation(others, reads), this.operation(nodes, reads)] };
  }

  /** With such a share of the run's options. */
  up(nodes: readonly NodeId[], share = this.#random.pick([0, 0.5, 1, 1])): string {
    const random = this.#random;
    const flags = this.#from.up.filter(([, said = '']) => {
      const names = said.match(/\bn\d+\b/g) ?? [];
      const isTooMany = Number(/^replicas=(.*)/.exec(said)?.[1] ?? 0) > nodes.length;
      return random.chance(share) && !isTooMany && names.every((name) => nodes.includes(name));
    });
    return [
      'cluster up',
      '--mode',
      textWord(this.#from.mode),
      '-n',
      nodes.length,
      ...flags.flat(),
    ].join(' ');
  }

  step(nodes: readonly NodeId[], before: readonly SmallStep[]): SmallStep {
    const random = this.#random;
    const roll = random.next();
    if (roll < 0.45) return this.operation(nodes);
    if (roll < 0.68) return statement(this.fault(nodes));
    if (roll < 0.82) return statement(this.#mending(nodes, before));
    if (roll < 0.92) return statement(`wait ${random.pick(pauses)}`);
    if (roll < 0.96) return this.#atOnce(nodes, before);
    return statement(
      `try node restart ${random.chance(0.3) ? nodes.join(' ') : random.pick(nodes)}`,
    );
  }

  /** Two clients, or a client and what is broken and mended meanwhile. */
  #atOnce(nodes: readonly NodeId[], before: readonly SmallStep[]): SmallStep {
    const random = this.#random;
    const own = Array.from({ length: 1 + random.below(2) }, () => this.operation(nodes).lines);
    const others = Array.from({ length: 1 + random.below(3) }, () => {
      const roll = random.next();
      if (roll < 0.4) return this.operation(nodes).lines;
      if (roll < 0.6) return [`wait ${random.pick(pauses)}`];
      return [roll < 0.8 ? this.fault(nodes) : this.#mending(nodes, before)];
    });
    const part = (client: string, body: readonly (readonly string[])[]) => [
      `  client ${client}`,
      ...body.flat().map((line) => `    ${line}`),
    ];
    return { client: null, lines: ['at once', ...part('a', own), ...part('b', others), 'end'] };
  }

  operation(
    nodes: readonly NodeId[],
    from = this.#random.pick([this.#from.reads, this.#from.writes]),
    key = this.#random.chance(0.93) ? this.#from.key : otherThan(this.#from.key),
  ): SmallStep {
    const random = this.#random;
    const { guarantees, timeout } = this.#from;
    const client = guarantees === null ? null : random.pick(['a', 'a', 'b']);
    if (from.length === 0) return statement(`wait ${random.pick(pauses)}`);
    const { type, level, steps } = random.pick(from);
    const flags = [
      level === null ? '' : ` --level ${level}`,
      nodes.length === 1 || random.chance(0.7) ? ` --node ${random.pick(nodes)}` : '',
      timeout !== null && random.chance(0.85) ? ` --timeout ${timeout}` : '',
    ].join('');
    const step = (name: string) => [name, key, ...valuesOf(name)].join(' ');
    if (type !== 'txn') return { client, lines: [`try ${step(type)}${flags}`] };
    const body = steps.slice(0, 2).map((name) => `  ${step(name)}`);
    return { client, lines: [`try txn${flags}`, ...body, 'end'] };
  }

  fault(nodes: readonly NodeId[]): string {
    const random = this.#random;
    const { faults, messages } = this.#from;
    const kind = random.pick(random.chance(0.5) && faults.length > 0 ? faults : usualFaults);
    const words = kind.flatMap((word) => {
      if (word === 'LINK') return this.#link(nodes);
      if (word === 'MESSAGE') return random.pick(messages);
      if (word === 'CLIENTS')
        return random.pick([`clients>${random.pick(nodes)}`, `${random.pick(nodes)}>clients`]);
      if (word === 'SIDES') return this.#sides(nodes);
      if (word !== 'NODE') return word;
      return kind[1] === 'kill' && random.chance(0.15) ? nodes : random.pick(nodes);
    });
    return `try ${words.join(' ')}`;
  }

  /** Of what was broken before, if anything was. */
  #mending(nodes: readonly NodeId[], before: readonly SmallStep[]): string {
    const random = this.#random;
    const ways = before.flatMap(({ lines }) => lines).flatMap((line) => mendingOf(line));
    return random.pick(ways.length > 0 ? ways : [`try node restart ${random.pick(nodes)}`]);
  }

  #link(nodes: readonly NodeId[]): string[] {
    const random = this.#random;
    const one = random.pick(nodes);
    const roll = random.next();
    if (roll < 0.25) return [];
    if (roll < 0.5) return [one];
    const others = nodes.filter((node) => node !== one);
    return [`${one}${roll < 0.9 ? '>' : '-'}${random.pick(others)}`];
  }

  #sides(nodes: readonly NodeId[]): string {
    const random = this.#random;
    const [one, other] = [random.pick(nodes), random.pick(nodes)];
    const left = nodes.filter((node) => node === one || (node !== other && random.chance(0.5)));
    const right = nodes.filter((node) => !left.includes(node));
    return right.length === 0
      ? `${one}/${nodes.filter((node) => node !== one)}`
      : `${left}/${right}`;
  }
}

export const otherThan = (key: string): string => (key === 'k2' ? 'k1' : 'k2');

export const statement = (line: string): SmallStep => ({ client: null, lines: [line] });

function valuesOf(type: string): string[] {
  if (type === 'get' || type === 'delete') return [];
  if (type === 'check') return [knownValue];
  return type === 'cas' ? [knownValue, freshValue] : [freshValue];
}

export function mendingOf(line: string): string[] {
  const [topic, what, ...names] = line.trim().split(' ').slice(1);
  const nodes = names.filter((name) => /^n\d+$/.test(name)).join(' ');
  if (what === 'kill') return [`try node restart ${nodes}`];
  if (what === 'pause') return [`try node resume ${nodes}`];
  if (topic !== 'fault' || what === 'heal') return [];
  return ['try fault heal', ...(what === 'disk' ? [`try node restart ${nodes}`] : [])];
}
