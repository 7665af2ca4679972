/** A small scenario in parts that can be changed one by one, and as text. */
import type { NodeId } from '../core/ids.js';

export interface Small {
  readonly nodes: readonly NodeId[];
  /** How the cluster starts. */
  readonly up: string;
  readonly steps: readonly SmallStep[];
  /** Of all that is asked; `null`: as each says. */
  readonly level: string | null;
  /** In the end it is away while the others are asked. */
  readonly away: NodeId;
  /** What they are asked then, and when all is mended. */
  readonly last: readonly [SmallStep, SmallStep];
  /** What is asked when all has settled. */
  readonly read: SmallStep;
  /** Then all nodes restart, not only those that are down. */
  readonly restartsAll: boolean;
  /** How it is judged, beside what clients were told before. */
  readonly judged: WaysJudged;
}

interface WaysJudged {
  readonly apart: boolean;
  readonly agree: boolean;
  readonly together: boolean;
  /** When nothing more is under way, all that was acknowledged must be there. */
  readonly settled: boolean;
}

/** One statement, or a block. */
export interface SmallStep {
  readonly client: string | null;
  readonly lines: readonly string[];
}

/** Stand for a value that nobody wrote before, and for the one written last. */
export const [freshValue, knownValue] = ['$', '$-'];

const history = 'expect history as promised';
const heal = 'try fault heal';

export interface SmallLines {
  readonly lines: readonly string[];
  /** Ways to judge what they come to, one after the other. */
  readonly ends: readonly (readonly string[])[];
}

/** `guarantees`: what its sessions keep to; `null`: clients have none. */
export function linesOfSmall(small: Small, guarantees: string | null): SmallLines {
  const { up, nodes, steps, away, last, restartsAll, judged } = small;
  const writer = new Writer(guarantees, small.level);
  const body = steps.flatMap((step) => writer.linesOf(step));
  const [apart, together] = last.map((step) => writer.linesOf(step)) as [string[], string[]];
  const broken = body.filter((line) => / node (kill|pause)| fault disk/.test(line)).join(' ');
  const down = nodes.filter((node) => broken.includes(node));
  const mended = [heal, ...restarted(restartsAll ? nodes : down)];
  if (judged.settled) {
    const read = writer.linesOf(small.read);
    return {
      lines: [up, ...body],
      ends: [[...mended, 'stabilize', ...read, 'expect history regular']],
    };
  }
  const others = restarted(down.filter((node) => node !== away));
  return {
    lines: [up, ...body],
    ends: [
      [history],
      ...(judged.apart ? [[heal, `try fault isolate ${away}`, ...others, ...apart, history]] : []),
      ...(judged.agree ? [[...mended, 'expect within 10s verify agree']] : []),
      ...(judged.together ? [[...mended, ...together, history]] : []),
    ],
  };
}

const restarted = (nodes: readonly NodeId[]): string[] =>
  nodes.length === 0 ? [] : [`try node restart ${nodes.join(' ')}`];

class Writer {
  readonly #guarantees: string | null;
  readonly #level: string | null;
  readonly #met = new Set<string>();
  #speaking: string | null = null;
  #values = 0;

  constructor(guarantees: string | null, level: string | null) {
    this.#guarantees = guarantees;
    this.#level = level;
  }

  linesOf({ client, lines }: SmallStep): string[] {
    const isNew = client !== null && client !== this.#speaking;
    if (isNew) this.#speaking = client;
    const all = isNew ? [`client ${client}`, ...lines] : lines;
    return all.map((line) => this.#valued(this.#leveled(this.#introduced(line))));
  }

  #introduced(line: string): string {
    const name = /^\s*client (\w+)$/.exec(line)?.[1];
    if (name === undefined || this.#guarantees === null || this.#met.has(name)) return line;
    this.#met.add(name);
    return `${line} --session ${name} --guarantees ${this.#guarantees}`;
  }

  #leveled(line: string): string {
    if (this.#level === null || !/^\s*try (?!fault|node)/.test(line)) return line;
    return `${line.replace(/ --level \S+/, '')} --level ${this.#level}`;
  }

  #valued(line: string): string {
    return line
      .replaceAll(` ${knownValue}`, () => ` ${Math.max(1, this.#values)}`)
      .replaceAll(` ${freshValue}`, () => ` ${++this.#values}`);
  }
}
