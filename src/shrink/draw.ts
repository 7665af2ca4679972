/** Small scenarios drawn from what a failed run was made of: its operations and its faults, at other times and nodes. */
import type { Random } from '../core/random.js';
import type { SaidFlag, Sketch, SketchStep } from './sketch.js';

const operationsMax = 6;
const faultsMax = 4;
const pauses = ['20ms', '100ms', '500ms'];

/** `nodes`: how many the cluster has. */
export function drawSmall(sketch: Sketch, nodes: number, random: Random): Sketch {
  const asked = sketch.steps.filter(({ client }) => client !== null);
  const broken = sketch.steps.filter(({ client }) => client === null);
  if (asked.length === 0) return sketch;
  const key = random.pick(asked).words[1];
  const about = random.chance(0.8) ? asked.filter(({ words }) => words[1] === key) : asked;
  const near = random.chance(0.7) ? ofOneLevel(about, random) : about;
  const steps: SketchStep[] = [];
  const operationCount = 2 + random.below(operationsMax - 1);
  for (let nth = 0; nth < operationCount; nth++) {
    steps.push(elsewhere(random.pick(near), nodes, random));
  }
  const faultCount = broken.length === 0 ? 0 : 1 + random.below(faultsMax);
  const insert = (step: SketchStep, from: number): number => {
    const at = from + random.below(steps.length - from + 1);
    steps.splice(at, 0, step);
    return at;
  };
  for (let nth = 0; nth < faultCount; nth++) {
    const fault = random.pick(broken);
    const at = insert(fault, 0);
    const undone = undoing(fault);
    if (undone !== null && random.chance(0.7)) insert({ ...fault, words: undone }, at + 1);
  }
  for (const ms of pauses) {
    if (random.chance(0.3))
      insert(
        { ...(steps[0] as SketchStep), client: null, words: ['wait', ms], flags: [], lines: [] },
        0,
      );
  }
  const overlap = random.pick([0, 0, 0.4]);
  const placed = steps.map((step, nth) => ({
    ...step,
    atMs: nth * 10,
    untilMs: nth * 10 + (random.chance(overlap) ? 15 : 5),
  }));
  return { ...sketch, steps: placed, isInTurn: overlap === 0, waits: false };
}

/** One write at the weakest level would take from all reads what they promise. */
function ofOneLevel(steps: readonly SketchStep[], random: Random): readonly SketchStep[] {
  const reads = steps.filter(({ words }) => words[0] === 'get');
  const writes = steps.filter(({ words }) => words[0] !== 'get');
  return [reads, writes].flatMap((some) => {
    if (some.length === 0) return [];
    const level = levelOf(random.pick(some));
    return some.filter((step) => levelOf(step) === level);
  });
}

const levelOf = ({ flags }: SketchStep): string | undefined =>
  flags.find(([name]) => name === '--level')?.[1];

/** Through another node, or through whichever its client finds. */
function elsewhere(step: SketchStep, nodes: number, random: Random): SketchStep {
  const others = step.flags.filter(([name]) => name !== '--node');
  const node: SaidFlag[] = random.chance(0.8) ? [['--node', `n${1 + random.below(nodes)}`]] : [];
  return { ...step, flags: [...others, ...node] };
}

function undoing({ words: [topic = '', what = '', node = ''] }: SketchStep): string[] | null {
  if (topic === 'fault')
    return what === 'heal' || what === 'clock'
      ? null
      : ['fault', 'heal', ...(what === 'disk' ? [] : [what])];
  if (what === 'kill') return ['node', 'restart', node];
  return what === 'pause' ? ['node', 'resume', node] : null;
}
