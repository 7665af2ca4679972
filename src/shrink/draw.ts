/**
 * Small scenarios drawn from what a failed run was made of: a few of its operations and faults, at other times and nodes; and
 * others that differ a little from one that was drawn before.
 */
import type { NodeId } from '../core/ids.js';
import type { Random } from '../core/random.js';
import { simulatedNodes } from '../explore/drawn-run.js';
import { askedIn, type Ingredients, named } from './ingredients.js';
import { mendingOf, otherThan, Parts, pauses, statement } from './parts.js';
import { type Sketch, sketchText } from './sketch.js';
import { inSlowMotion } from './slow-motion.js';
import { freshValue, type Small, type SmallStep } from './small.js';

const stepsMin = 2;
const stepsSpread = 7;
const stepsMax = 16;
/** So many are parts of the run in its own order. */
const windowShare = 0.35;
/** And so many of what remains of it, where that can be, are told in slow motion. */
const slowShare = 0.5;
/** So many show what few nodes have, where clients saw nothing of what is wrong. */
const probeShare = 0.4;
/** And so many, of one node that takes over from another. */
const takeoverShare = 0.25;
/** And so many, of two that lead by turns, where nodes hold different things for good. */
const comebackShare = 0.6;
const windowsMs = [50, 150, 400];
export class Drawing {
  readonly #from: Ingredients;
  readonly #random: Random;
  readonly #parts: Parts;
  readonly #slow: Sketch | null;

  constructor(from: Ingredients, random: Random) {
    this.#from = from;
    this.#random = random;
    this.#parts = new Parts(from, random);
    this.#slow = inSlowMotion(from.sketch);
  }

  fresh(): Small {
    if (this.#from.isHidden && this.#random.chance(probeShare)) return this.#probe();
    if (this.#from.hasRivals && this.#random.chance(comebackShare)) return this.#comeback();
    if (this.#random.chance(takeoverShare)) return this.#takeover();
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
      else steps = [...steps, this.#parts.step(nodes, steps)];
    }
    return { nodes, steps, up: this.#parts.up(nodes), ...this.#parts.rest(nodes) };
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
    const before = random.chance(0.7) ? [this.#parts.operation(nodes, writes, key)] : [];
    const asked = [writes, reads].map((from) => this.#parts.operation([away], from, key));
    const [written, read] = asked as [SmallStep, SmallStep];
    const mended = random.chance(0.3) ? [statement('try fault heal')] : [];
    const steps = [
      ...before,
      statement(`try fault cut ${away}${to}${only}`),
      written,
      ...mended,
      read,
    ];
    const { level, judged, ...rest } = this.#parts.rest(nodes);
    const last: Small['last'] = [this.#parts.operation(others, reads, key), rest.last[1]];
    const seen = { ...judged, apart: true, settled: false };
    return {
      ...rest,
      ...{ nodes, steps, up: this.#parts.up(nodes), level, judged: seen, away, last },
    };
  }

  /** What one node is asked, few hear of. Another takes over, and is away when the first one is back. */
  #takeover(): Small {
    const random = this.#random;
    const parts = this.#parts;
    const { reads, writes, messages, key } = this.#from;
    const nodes = simulatedNodes(3);
    const first = random.pick(nodes);
    const second = random.pick(nodes.filter((node) => node !== first));
    const some = (step: SmallStep, chance = 0.5) => (random.chance(chance) ? [step] : []);
    const cut = (node: NodeId): SmallStep =>
      statement(`try fault cut ${node}${random.pick(['', ` --type ${random.pick(messages)}`])}`);
    const steps = [
      random.pick([statement('wait 1s'), parts.operation(nodes, writes, key)]),
      cut(first),
      parts.operation([first], writes, key),
      ...some(parts.operation([first], writes, key)),
      ...some(statement(`try node kill ${first}`)),
      ...some(cut(second)),
      parts.operation([second], writes, key),
      statement(`try node kill ${second}`),
      statement('try fault heal'),
      ...some(statement(`try node restart ${first}`), 0.8),
      parts.operation([first], reads, key),
    ];
    return { nodes, steps, up: parts.up(nodes), ...parts.rest(nodes) };
  }

  /**
   * Two nodes are there by turns, each with a third: the first has what no other has, and so has the second. When the first is
   * back, what it sends is slow, and it is gone again while some of it is under way (as in Figure 8 of the Raft paper).
   */
  #comeback(): Small {
    const random = this.#random;
    const parts = this.#parts;
    const { writes, busiest, up, key } = this.#from;
    const nodes = simulatedNodes(3);
    const first = random.pick(nodes);
    const second = random.pick(nodes.filter((node) => node !== first));
    const [third] = nodes.filter((node) => node !== first && node !== second);
    const type = random.pick(busiest);
    // A little less than its nodes wait for one another.
    const times = up.flatMap(([, said = '']) => /Ms=(\d+)$/.exec(said)?.[1] ?? []).map(Number);
    const lateMs = Math.round(
      random.pick([0.5, 0.8]) * (times.length > 0 ? Math.max(...times) : 150),
    );
    const steps = [
      random.pick([statement('wait 1s'), parts.operation(nodes, writes, key)]),
      statement(`try fault partition ${first}/${second},${third}`),
      statement(`try fault cut ${second}-${third} --type ${type}`),
      parts.operation([first], writes, key),
      statement(`try fault partition ${second}/${first},${third}`),
      statement(`try fault delay ${first}>${third} ${lateMs}ms --type ${type}`),
      statement(`wait ${lateMs * (3 + random.below(3))}ms`),
      statement(`try fault partition ${first}/${second},${third}`),
      statement('try fault heal cut'),
      statement('wait 500ms'),
    ];
    return { nodes, steps, up: parts.up(nodes, 1), ...parts.rest(nodes) };
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
    return this.#noticed({ nodes, up, steps: blocksOf(lines), ...this.#parts.rest(nodes) });
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
        statement(`try fault ${alone} ${node}`),
        put(steps[at] as SmallStep),
        ...steps.slice(at + 1),
      ],
      ...{ judged: { ...small.judged, apart: true }, ...this.#parts.end(nodes, node) },
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
      if (pauseMs > 10 && random.chance(0.7)) steps.push(statement(`wait ${pauseMs}ms`));
      untilMs = step.untilMs;
      const what = isFault ? { type: '', level: null, steps: [] } : askedIn(step);
      const node = step.flags.find(([name]) => name === '--node')?.[1] ?? random.pick(nodes);
      steps.push(
        isFault
          ? statement(`try ${step.words.join(' ')}`)
          : this.#parts.operation([node], [what], named(step) === key ? main : otherThan(main)),
      );
    }
    return {
      nodes,
      steps: steps.slice(-stepsMax),
      up: this.#parts.up(nodes),
      ...this.#parts.rest(nodes),
    };
  }

  /** A step more, or fewer, or another one; `other`: some of its steps may come in. */
  altered(small: Small, other: Small): Small {
    const random = this.#random;
    let { steps } = small;
    do {
      const at = random.below(steps.length + 1);
      const roll = random.next();
      const fresh = () => this.#parts.step(small.nodes, steps.slice(0, at));
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
    const end = random.chance(0.3) ? this.#parts.end(small.nodes) : {};
    return { ...small, steps: steps.slice(0, stepsMax), ...end };
  }

  /** Something breaks, is asked for, and is mended again; other steps may be in between, too. */
  #bracketed(nodes: readonly NodeId[], steps: readonly SmallStep[]): readonly SmallStep[] {
    const random = this.#random;
    const fault = this.#parts.fault(nodes);
    const [begin, end] = [random.below(steps.length + 1), random.below(steps.length + 1)].sort(
      (a, b) => a - b,
    ) as [number, number];
    const pause = random.chance(0.3) ? [statement(`wait ${random.pick(pauses)}`)] : [];
    const asked = random.chance(0.8) ? [this.#parts.operation(nodes)] : [];
    const mended = mendingOf(fault).slice(-1).map(statement);
    const inside = [...steps.slice(begin, end), ...pause, ...asked];
    return [...steps.slice(0, begin), statement(fault), ...inside, ...mended, ...steps.slice(end)];
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

const without = (up: string, flag: readonly string[]): string =>
  up.replace(` ${flag.join(' ')}`, '');
