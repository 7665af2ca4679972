/** A scenario before it is text: who does what, when, in a form of which parts can be left out. */
import type { Millis } from '../core/ids.js';
import { textWord } from '../operations/transaction-text.js';

/** A flag with its value, such as `--node n2`. */
export type SaidFlag = readonly string[];

export interface SketchStep {
  /** Of a client's operation; `null`: a fault, which anybody may bring about. */
  readonly client: string | null;
  readonly atMs: Millis;
  /** When it was over in the run that failed. */
  readonly untilMs: Millis;
  readonly words: readonly string[];
  readonly flags: readonly SaidFlag[];
  /** Of a transaction. */
  readonly lines: readonly string[];
}

export interface Sketch {
  /** Of `cluster up`. */
  readonly up: readonly SaidFlag[];
  /** By client, the flags of its first `client` line; none: it has no session. */
  readonly sessions: ReadonlyMap<string, readonly SaidFlag[]>;
  readonly steps: readonly SketchStep[];
  /** What comes of it. */
  readonly end: readonly string[];
  /** All that a client does is done by nobody in particular. */
  readonly isAnonymous: boolean;
  /** One after the other, even what overlapped. */
  readonly isInTurn: boolean;
  /** Time passes between them as it did. */
  readonly waits: boolean;
}

/** Less than this nobody waits for; between clients that ask at once it matters who is first. */
const waitMsMin: Millis = 2;
const waitMsMinAtOnce: Millis = 0.2;

export function sketchText(sketch: Sketch): string {
  const { up, steps, end } = sketch;
  const lines = [['cluster up', ...up.flat().map(textWord)].join(' ')];
  const writer = { sketch, lines, speaking: null as string | null, met: new Set<string>() };
  const sorted = [...steps].sort((a, b) => a.atMs - b.atMs);
  let before: Millis | null = null;
  for (const group of sketch.isInTurn ? sorted.map((step) => [step]) : overlapping(sorted)) {
    const [first] = group as [SketchStep];
    if (before !== null) lines.push(...waitFor(sketch, first.atMs - before));
    writeGroup(writer, group);
    before = Math.max(before ?? 0, ...group.map(({ untilMs }) => untilMs));
  }
  if (writer.speaking !== null && sketch.sessions.size > 0) lines.push('client');
  return [...lines, ...end, ''].join('\n');
}

interface Writer {
  readonly sketch: Sketch;
  readonly lines: string[];
  speaking: string | null;
  /** Clients that were introduced. */
  readonly met: Set<string>;
}

/** Runs of steps that have some time in common, from one to the next. */
function overlapping(sorted: readonly SketchStep[]): SketchStep[][] {
  const groups: SketchStep[][] = [];
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const step of sorted) {
    if (step.atMs >= untilMs) groups.push([]);
    groups[groups.length - 1]?.push(step);
    untilMs = Math.max(untilMs, step.untilMs);
  }
  return groups;
}

function writeGroup(writer: Writer, group: readonly SketchStep[]): void {
  const { sketch, lines } = writer;
  const clients = new Set(group.map(({ client }) => client ?? 'faults'));
  if (clients.size === 1) {
    for (const step of group) {
      const { client } = step;
      if (client !== null && !sketch.isAnonymous && client !== writer.speaking) {
        lines.push(introduction(writer, client));
        writer.speaking = client;
      }
      lines.push(...linesOf(step));
    }
    return;
  }
  const beginMs = Math.min(...group.map(({ atMs }) => atMs));
  lines.push('at once');
  for (const client of clients) {
    lines.push(`  ${introduction(writer, client)}`);
    let nowMs = beginMs;
    for (const step of group.filter((each) => (each.client ?? 'faults') === client)) {
      const body = [...waitFor(sketch, step.atMs - nowMs, waitMsMinAtOnce), ...linesOf(step)];
      lines.push(...body.map((line) => `    ${line}`));
      nowMs = step.untilMs;
    }
  }
  lines.push('end');
}

function introduction({ sketch, met }: Writer, client: string): string {
  const flags = met.has(client) ? [] : (sketch.sessions.get(client) ?? []);
  met.add(client);
  return ['client', client, ...flags.flat()].join(' ');
}

function waitFor({ waits }: Sketch, ms: Millis, leastMs = waitMsMin): string[] {
  return waits && ms >= leastMs ? [`wait ${rounded(ms)}ms`] : [];
}

/** What takes so short may be over before a message arrives, or after. */
const rounded = (ms: Millis): number => (ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms));

function linesOf({ words, flags, lines }: SketchStep): string[] {
  const first = ['try', ...words, ...flags.flat()].join(' ');
  return lines.length === 0 ? [first] : [first, ...lines.map((line) => `  ${line}`), 'end'];
}
