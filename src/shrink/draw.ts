/**
 * Small scenarios drawn from what a failed run was made of: a few of its operations and faults, at other times and nodes; and
 * others that differ a little from one that was drawn before.
 */
import type { NodeId } from '../core/ids.js';
import type { Random } from '../core/random.js';
import { simulatedNodes } from '../explore/drawn-run.js';
import { askedIn, type Ingredients, named } from './ingredients.js';
import { type Sketch, sketchText } from './sketch.js';
import { inSlowMotion } from './slow-motion.js';
import { freshValue, knownValue, type Small, type SmallStep } from './small.js';

const stepsMin = 2;
const stepsSpread = 7;
const stepsMax = 16;
/** So many are parts of the run in its own order. */
const windowShare = 0.35;
/** And so many of what remains of it, where that can be, are told in slow motion. */
const slowShare = 0.5;
/** So many show what few nodes have, where clients saw nothing of what is wrong. */
const probeShare = 0.4;
const windowsMs = [50, 150, 400];
const pauses = ['20ms', '100ms', '500ms', '2s'];
/** What may go wrong in any run, beside what went wrong in this one. */
const usualFaults: readonly (readonly string[])[] = [
  ['node', 'kill', 'NODE'],
  ['node', 'pause', 'NODE'],
  ['fault', 'isolate', 'NODE'],
  ['fault', 'cut', 'LINK', '--type', 'MESSAGE'],
  ['fault', 'delay', 'LINK', '300ms', '--type', 'MESSAGE'],
  ['fault', 'cut', 'CLIENTS'],
];

export class Drawing {
  readonly #from: Ingredients;
  readonly #random: Random;
  readonly #slow: Sketch | null;

  constructor(from: Ingredients, random: Random) {
    this.#from = from;
    this.#random = random;
    this.#slow = inSlowMotion(from.sketch);
  }

  fresh(): Small {
    if (this.#from.isHidden && this.#random.chance(probeShare)) return this.#probe();
    return this.#noticed(this.#random.chance(windowShare) ? this.#window() : this.#steps());
  }

  #steps(): Small {
    const random = this.#random;
    const most = Math.max(this.#from.nodes, 2);
    const few = random.chance(0.6) ? Math.min(3, most) : 2 + random.below(most - 1);
    const nodes = simulatedNodes(few);
    let steps: readonly SmallStep[] = [];
    const count = stepsMin + random.below(stepsSpread);
    while (steps.length < count) {
      if (random.chance(0.2)) steps = this.#bracketed(nodes, steps);
      else steps = [...steps, this.#step(nodes, steps)];
    }
    return { nodes, steps, up: this.#up(nodes), ...this.#rest(nodes) };
  }

  #rest(nodes: readonly NodeId[]): Omit<Small, 'nodes' | 'steps' | 'up'> {
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
      ...{ level, judged: { agree, apart, together, settled }, read: said(`try get ${key}`) },
      ...{ restartsAll: random.chance(0.4), ...this.#end(nodes) },
    };
  }

  #end(nodes: readonly NodeId[], away = this.#random.pick(nodes)): Pick<Small, 'away' | 'last'> {
    const others = nodes.filter((node) => node !== away);
    const { reads } = this.#from;
    return { away, last: [this.#operation(others, reads), this.#operation(nodes, reads)] };
  }

  /** One node is written to while little that it sends arrives, is read from, and is away when others are asked. */
  #probe(): Small {
    const random = this.#random;
    const { reads, writes, messages, key } = this.#from;
    const nodes = simulatedNodes(3);
    const away = random.pick(nodes);
    const others = nodes.filter((node) => node !== away);
    const types = messages.filter(() => random.chance(0.4));
    const only = types.length === 0 ? '' : ` --type ${types}`;
    const to = random.pick(['', '', `>${random.pick(others)}`]);
    const before = random.chance(0.7) ? [this.#operation(nodes, writes, key)] : [];
    const asked = [writes, reads].map((from) => this.#operation([away], from, key));
    const [written, read] = asked as [SmallStep, SmallStep];
    const mended = random.chance(0.3) ? [said('try fault heal')] : [];
    const steps = [...before, said(`try fault cut ${away}${to}${only}`), written, ...mended, read];
    const { level, judged, ...rest } = this.#rest(nodes);
    const last: Small['last'] = [this.#operation(others, reads, key), rest.last[1]];
    const seen = { ...judged, apart: true, settled: false };
    return { ...rest, ...{ nodes, steps, up: this.#up(nodes), level, judged: seen, away, last } };
  }

  /** The run itself, as far as a scenario can say it. */
  whole(): Small {
    const random = this.#random;
    const { nodes: count, guarantees } = this.#from;
    const isSlow = this.#slow !== null && random.chance(slowShare);
    const sketch = isSlow ? (this.#slow as Sketch) : this.#from.sketch;
    const told = {
      ...sketch,
      ...(guarantees === null ? { sessions: new Map(), isAnonymous: true } : {}),
      ...{ isInTurn: random.chance(0.2), waits: random.chance(0.9) },
    };
    const [up = '', ...lines] = sketchText(told).trimEnd().split('\n');
    const nodes = simulatedNodes(count);
    return this.#noticed({ nodes, up, steps: blocksOf(lines), ...this.#rest(nodes) });
  }

  /** Too few copies are noticed where the node that wrote could reach nobody, and is away when others are asked. */
  #noticed(small: Small): Small {
    const random = this.#random;
    if (!this.#from.lacksCopies || random.chance(0.3)) return small;
    const { nodes, steps } = small;
    const writes = steps.flatMap(({ lines }, at) => {
      const node = /^try (?!get|txn).* --node (n\d+)/.exec(lines[0] ?? '')?.[1];
      return node === undefined ? [] : [{ at, node }];
    });
    if (writes.length === 0) return small;
    const { at, node } = random.pick(writes);
    const { key, levels, up } = this.#from;
    const put = (step: SmallStep): SmallStep => ({
      ...step,
      lines: step.lines.map((line) =>
        line.replace(/^try \w+ \S+( \d+| \$)*/, `try put ${key} ${freshValue}`),
      ),
    });
    const alone = random.pick(['isolate', 'cut']);
    const isOther = up.length > 0 && random.chance(0.5);
    return {
      ...small,
      ...(isOther ? { up: without(small.up, random.pick(up)) } : {}),
      steps: [
        ...steps.slice(0, at),
        said(`try fault ${alone} ${node}`),
        put(steps[at] as SmallStep),
        ...steps.slice(at + 1),
      ],
      ...{ judged: { ...small.judged, apart: true }, ...this.#end(nodes, node) },
      level: random.pick(levels),
    };
  }

  /** Some of what was done and broken around one operation of the run, in its order. */
  #window(): Small {
    const random = this.#random;
    const { run, nodes: count } = this.#from;
    const nodes = simulatedNodes(count);
    const middle = random.pick(run);
    const widthMs = random.pick(windowsMs);
    const key = named(middle);
    const { key: main } = this.#from;
    const [asked, broken] = [random.pick([0.2, 0.5, 1]), random.pick([0.2, 0.5, 0.8])];
    const steps: SmallStep[] = [];
    let untilMs = Number.POSITIVE_INFINITY;
    for (const step of run) {
      const isFault = step.client === null;
      if (step !== middle) {
        if (Math.abs(step.atMs - middle.atMs) > widthMs) continue;
        if (!random.chance(isFault ? broken : named(step) === key ? asked : asked / 4)) continue;
      }
      const pauseMs = Math.round(step.atMs - untilMs);
      if (pauseMs > 10 && random.chance(0.7)) steps.push(said(`wait ${pauseMs}ms`));
      untilMs = step.untilMs;
      const what = isFault ? { type: '', level: null, steps: [] } : askedIn(step);
      const node = step.flags.find(([name]) => name === '--node')?.[1] ?? random.pick(nodes);
      steps.push(
        isFault
          ? said(`try ${step.words.join(' ')}`)
          : this.#operation([node], [what], named(step) === key ? main : otherThan(main)),
      );
    }
    return { nodes, steps: steps.slice(-stepsMax), up: this.#up(nodes), ...this.#rest(nodes) };
  }

  /** A step more, or fewer, or another one; `other`: some of its steps may come in. */
  altered(small: Small, other: Small): Small {
    const random = this.#random;
    let { steps } = small;
    do {
      const at = random.below(steps.length + 1);
      const roll = random.next();
      const fresh = () => this.#step(small.nodes, steps.slice(0, at));
      if (roll < 0.35) steps = steps.toSpliced(at, 0, fresh());
      else if (roll < 0.45) steps = this.#bracketed(small.nodes, steps);
      else if (roll < 0.6) steps = steps.toSpliced(at, 1);
      else if (roll < 0.75) steps = steps.toSpliced(at, 1, fresh());
      else if (roll < 0.85)
        steps = steps.map((step, nth) => (nth === at ? this.#moved(step, small.nodes) : step));
      else if (roll < 0.88) steps = this.#swapped(steps, at);
      else if (roll < 0.95) steps = this.#rescaled(steps, at);
      else
        steps = [...steps.slice(0, at), ...other.steps.slice(random.below(other.steps.length + 1))];
    } while (random.chance(0.5));
    const end = random.chance(0.3) ? this.#end(small.nodes) : {};
    return { ...small, steps: steps.slice(0, stepsMax), ...end };
  }

  /** Something breaks, is asked for, and is mended again; other steps may be in between, too. */
  #bracketed(nodes: readonly NodeId[], steps: readonly SmallStep[]): readonly SmallStep[] {
    const random = this.#random;
    const fault = this.#fault(nodes);
    const [begin, end] = [random.below(steps.length + 1), random.below(steps.length + 1)].sort(
      (a, b) => a - b,
    ) as [number, number];
    const pause = random.chance(0.3) ? [said(`wait ${random.pick(pauses)}`)] : [];
    const asked = random.chance(0.8) ? [this.#operation(nodes)] : [];
    const mended = mendingOf(fault).slice(-1).map(said);
    const inside = [...steps.slice(begin, end), ...pause, ...asked];
    return [...steps.slice(0, begin), said(fault), ...inside, ...mended, ...steps.slice(end)];
  }

  /** It takes longer, or not so long. */
  #rescaled(steps: readonly SmallStep[], at: number): readonly SmallStep[] {
    const step = steps[at];
    if (step === undefined) return steps;
    const factor = this.#random.pick([0.3, 0.7, 0.9, 1.1, 1.5, 3]);
    const scaled = (_: string, ms: string) => `${Math.ceil(Number(ms) * factor)}ms`;
    const lines = step.lines.map((line) => line.replaceAll(/\b([\d.]+)ms\b/g, scaled));
    return steps.with(at, { ...step, lines });
  }

  #swapped(steps: readonly SmallStep[], at: number): readonly SmallStep[] {
    const step = steps[at];
    if (step === undefined) return steps;
    return steps.toSpliced(at, 1).toSpliced(this.#random.below(steps.length), 0, step);
  }

  /** The same on another node. */
  #moved(step: SmallStep, nodes: readonly NodeId[]): SmallStep {
    const [from, to] = [this.#random.pick(nodes), this.#random.pick(nodes)];
    const swap = (name: string) => (name === from ? to : name === to ? from : name);
    return { ...step, lines: step.lines.map((line) => line.replaceAll(/\bn\d+\b/g, swap)) };
  }

  #up(nodes: readonly NodeId[]): string {
    const random = this.#random;
    const share = random.pick([0, 0.5, 1, 1]);
    const flags = this.#from.up.filter(([, said = '']) => {
      const names = said.match(/\bn\d+\b/g) ?? [];
      const isTooMany = Number(/^replicas=(.*)/.exec(said)?.[1] ?? 0) > nodes.length;
      return random.chance(share) && !isTooMany && names.every((name) => nodes.includes(name));
    });
    return ['cluster up', '--mode', this.#from.mode, '-n', nodes.length, ...flags.flat()].join(' ');
  }

  #step(nodes: readonly NodeId[], before: readonly SmallStep[]): SmallStep {
    const random = this.#random;
    const roll = random.next();
    if (roll < 0.45) return this.#operation(nodes);
    if (roll < 0.68) return said(this.#fault(nodes));
    if (roll < 0.82) return said(this.#mending(nodes, before));
    if (roll < 0.92) return said(`wait ${random.pick(pauses)}`);
    if (roll < 0.96) return this.#atOnce(nodes, before);
    return said(`try node restart ${random.chance(0.3) ? nodes.join(' ') : random.pick(nodes)}`);
  }

  /** Two clients, or a client and what is broken and mended meanwhile. */
  #atOnce(nodes: readonly NodeId[], before: readonly SmallStep[]): SmallStep {
    const random = this.#random;
    const own = Array.from({ length: 1 + random.below(2) }, () => this.#operation(nodes).lines);
    const others = Array.from({ length: 1 + random.below(3) }, () => {
      const roll = random.next();
      if (roll < 0.4) return this.#operation(nodes).lines;
      if (roll < 0.6) return [`wait ${random.pick(pauses)}`];
      return [roll < 0.8 ? this.#fault(nodes) : this.#mending(nodes, before)];
    });
    const part = (client: string, body: readonly (readonly string[])[]) => [
      `  client ${client}`,
      ...body.flat().map((line) => `    ${line}`),
    ];
    return { client: null, lines: ['at once', ...part('a', own), ...part('b', others), 'end'] };
  }

  #operation(
    nodes: readonly NodeId[],
    from = this.#random.pick([this.#from.reads, this.#from.writes]),
    key = this.#random.chance(0.93) ? this.#from.key : otherThan(this.#from.key),
  ): SmallStep {
    const random = this.#random;
    const { guarantees, timeout } = this.#from;
    const client = guarantees === null ? null : random.pick(['a', 'a', 'b']);
    if (from.length === 0) return said(`wait ${random.pick(pauses)}`);
    const { type, level, steps } = random.pick(from);
    const flags = [
      level === null ? '' : ` --level ${level}`,
      random.chance(0.7) ? ` --node ${random.pick(nodes)}` : '',
      timeout !== null && random.chance(0.85) ? ` --timeout ${timeout}` : '',
    ].join('');
    const step = (name: string) => [name, key, ...valuesOf(name)].join(' ');
    if (type !== 'txn') return { client, lines: [`try ${step(type)}${flags}`] };
    const body = steps.slice(0, 2).map((name) => `  ${step(name)}`);
    return { client, lines: [`try txn${flags}`, ...body, 'end'] };
  }

  #fault(nodes: readonly NodeId[]): string {
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

/** Statements, and blocks to their ends. */
function blocksOf(lines: readonly string[]): SmallStep[] {
  const steps: { client: null; lines: string[] }[] = [];
  let open: { client: null; lines: string[] } | null = null;
  for (const line of lines) {
    if (open !== null) open.lines.push(line);
    else steps.push({ client: null, lines: [line] });
    if (open === null && /^(at once|try txn)/.test(line)) open = steps.at(-1) ?? null;
    else if (line === 'end') open = null;
  }
  return steps;
}

const otherThan = (key: string): string => (key === 'k2' ? 'k1' : 'k2');

const without = (up: string, flag: readonly string[]): string =>
  up.replace(` ${flag.join(' ')}`, '');

const said = (line: string): SmallStep => ({ client: null, lines: [line] });

function valuesOf(type: string): string[] {
  if (type === 'get' || type === 'delete') return [];
  if (type === 'check') return [knownValue];
  return type === 'cas' ? [knownValue, freshValue] : [freshValue];
}

function mendingOf(line: string): string[] {
  const [topic, what, ...names] = line.trim().split(' ').slice(1);
  const nodes = names.filter((name) => /^n\d+$/.test(name)).join(' ');
  if (what === 'kill') return [`try node restart ${nodes}`];
  if (what === 'pause') return [`try node resume ${nodes}`];
  if (topic !== 'fault' || what === 'heal') return [];
  return ['try fault heal', ...(what === 'disk' ? [`try node restart ${nodes}`] : [])];
}
