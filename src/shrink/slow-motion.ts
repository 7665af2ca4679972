/**
 * What is left of a failed run, told in slow motion: a pause is over before anybody minds, messages take no longer than before.
 *
 * A run holds messages back whatever becomes of their sender. In scenarios, as on real nodes, they wait at the sender, and go
 * nowhere while it is paused. So it is only silent there; that it does not notice how time passes, longer timeouts bring about.
 */
import { simulatedNodes } from '../explore/drawn-run.js';
import type { SaidFlag, Sketch, SketchStep } from './sketch.js';

/** Then a pause or a late message takes longer than most nodes wait for one another. */
const slower = 8;
/** So much longer than all else its mode's own times get. */
const patience = 4;

/** `null`: nobody is paused while messages that it has sent are late. */
export function inSlowMotion(sketch: Sketch): Sketch | null {
  const { up, steps } = sketch;
  const nodes = simulatedNodes(Number(up.find(([flag]) => flag === '-n')?.[1]));
  const late = new Set(
    steps.flatMap(({ words: [, what, link = ''] }) => (what === 'delay' ? [link] : [])),
  );
  const isLateFrom = (node: string): boolean => nodes.some((to) => late.has(`${node}>${to}`));
  const paused = steps.flatMap(({ words: [, what, node = ''] }) => (what === 'pause' ? node : []));
  if (!paused.some(isLateFrom)) return null;
  const silenced = (step: SketchStep): SketchStep[] => {
    const [topic, what, node = ''] = step.words;
    if (topic !== 'node' || !isLateFrom(node)) return [step];
    if (what === 'resume') return [{ ...step, words: ['fault', 'heal', 'cut'] }];
    if (what !== 'pause') return [step];
    const links = nodes.map((to) => `${node}>${to}`);
    return links
      .filter((link, to) => nodes[to] !== node && !late.has(link))
      .map((link) => ({ ...step, words: ['fault', 'cut', link] }));
  };
  return {
    ...sketch,
    up: up.map((flag) => timesIn(flag, slower * patience)),
    steps: steps.flatMap(silenced).map((step) => ({
      ...step,
      atMs: step.atMs * slower,
      untilMs: step.untilMs * slower,
      words: step.words.map((word) => word.replace(/^\d+(?=ms$)/, (ms) => `${+ms * slower}`)),
      flags: step.flags.filter(([flag]) => flag !== '--timeout'),
    })),
  };
}

/** Of the mode's options those that are times. */
const timesIn = ([flag = '', value = '']: SaidFlag, factor: number): SaidFlag => {
  const said = value.replace(/(?<=Ms=)[\d.]+$/, (ms) => `${Math.round(+ms * factor)}`);
  return flag === '-o' ? [flag, said] : [flag, value];
};
