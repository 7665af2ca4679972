/** `kvx explore`: searches a small world, says how far it is, and prints what it has found. */
import { setImmediate } from 'node:timers/promises';
import { interrupted } from '../../core/errors.js';
import { quantity, show } from '../../core/show.js';
import { presetNamed, presets, smallWorldOf } from '../../explore/exhaustive/presets.js';
import { Search, type SearchEnd, type SearchProgress } from '../../explore/exhaustive/search.js';
import type { FaultCounts, SmallWorld } from '../../explore/exhaustive/small-world.js';
import { States } from '../../explore/exhaustive/states.js';
import { retraced, transcriptOf } from '../../explore/exhaustive/transcript.js';
import { LiveObjects } from '../../node/live-objects.js';
import { modeTitle } from '../../protocols/catalog.js';
import { type AnswerKind, exitCodes } from '../../render/failure.js';
import { printTable } from '../../render/lay-out.js';
import { LiveLine } from '../../render/live-line.js';
import { outputWidth, printJson, printLine, styleFor } from '../../render/output.js';
import { wrap } from '../../render/wrap.js';
import type { Perform } from '../command.js';
import { readText } from '../text-input.js';

interface ExploreFlags extends Partial<FaultCounts> {
  readonly mode?: string;
  readonly nodes?: number;
  readonly depth: number;
  readonly states: number;
  readonly bug?: string;
  readonly replay?: string;
  readonly 'same-names': boolean;
  readonly list: boolean;
  readonly json: boolean;
}

const answers: Readonly<Record<SearchEnd, AnswerKind>> = {
  ...{ exhausted: 'yes', counterexample: 'no', states: 'unknown', depth: 'unknown' },
};

/** States between two looks at the clock and at signals. */
const statesAtOnce = 50;

const perform: Perform = async ({ words: [name], flags: typed }, signal) => {
  const flags = typed as unknown as ExploreFlags;
  if (flags.list) return list(flags.json);
  const { bug, nodes } = flags;
  const preset = presetNamed({ name, mode: flags.mode, bug });
  const reader = new LiveObjects();
  const isSymmetric = !flags['same-names'];
  const world = smallWorldOf(preset, { nodes, bug, bounds: given(flags), reader, isSymmetric });
  const first = ['cluster', preset.mode, `${world.nodes.length}`, ...(bug ? [`bug=${bug}`] : [])];
  if (flags.replay !== undefined) {
    const { text, source } = await readText(flags.replay, signal, 'a transcript');
    replay(new States(world), `${Buffer.from(text)}`, { source, first: first.join(' ') }, flags);
    return reader.close();
  }
  const begun = performance.now();
  const search = new Search(world, flags);
  const live = new LiveLine(() => `${counts(search.progress)}, ${rate(search.progress, begun)}`);
  let end: SearchEnd | null = null;
  while (end === null) {
    end = search.run(statesAtOnce);
    live.say();
    await setImmediate();
    if (signal.aborted) break;
  }
  live.end();
  reader.close();
  const found = search.counterexample;
  const report = {
    ...{ world: preset.name, mode: preset.mode, nodes: world.nodes.length, bug: bug ?? null },
    ...{ bounds: { ...world.bounds, depth: flags.depth, states: flags.states }, end },
    ...{ ...search.progress, elapsedMs: Math.round(performance.now() - begun) },
    counterexample: found && {
      ...{ violation: found.violation, moves: found.moves.length - found.before },
      transcript: transcriptOf(search.states, found, first.join(' ')),
    },
  };
  if (flags.json) printJson(report);
  else print(report, world, rate(search.progress, begun));
  if (end === null) throw interrupted();
  process.exitCode = exitCodes[answers[end]];
};

export default { perform };

/** Does the moves of a transcript, and searches nothing. */
function replay(
  states: States,
  text: string,
  { source, first }: { readonly source: string; readonly first: string },
  { json }: ExploreFlags,
): void {
  const { counterexample, made, missing } = retraced(states, text);
  const violation = counterexample?.violation ?? null;
  const transcript = counterexample && transcriptOf(states, counterexample, first);
  process.exitCode = exitCodes[counterexample === null ? 'yes' : 'no'];
  if (json) return printJson({ moves: made, violation, missing, transcript });
  const { bold, red } = styleFor(process.stdout);
  const isLeft =
    missing === null
      ? ''
      : ` In this world ${show(missing.replaceAll('\n', ', '))} can't come next.`;
  const verdict =
    violation === null
      ? bold(`${source}: nothing is wrong after ${quantity(made, 'move')}.${isLeft}`)
      : red(`${source}: wrong after ${quantity(made, 'move')}. ${violation}`);
  printLine(...wrap(verdict, outputWidth()));
  if (transcript !== null) printLine('', transcript.trimEnd());
}

type Report = SearchProgress & {
  readonly world: string;
  readonly mode: string;
  readonly nodes: number;
  readonly bounds: FaultCounts & { readonly depth: number; readonly states: number };
  readonly end: SearchEnd | null;
  readonly counterexample: {
    readonly violation: string;
    readonly moves: number;
    readonly transcript: string;
  } | null;
};

function print(report: Report, { clients }: SmallWorld, speed: string): void {
  const width = outputWidth();
  const { bold, red } = styleFor(process.stdout);
  const { world, mode, nodes, bounds, end, counterexample, symmetries } = report;
  printLine(
    ...wrap(
      `${bold(world)}: mode ${modeTitle(mode)}, ${nodes} nodes. ${asksText(clients)}.`,
      width,
    ),
  );
  printLine(...wrap(`Every order of delivery; ${faultsText(bounds)}.`, width));
  printLine(...wrap(`${counts(report)}; ${speed}.`, width));
  if (symmetries > 1) {
    const ways = `Names can be given in ${symmetries} ways with nothing else different`;
    printLine(...wrap(`${ways}: of states that differ in them one is counted.`, width));
  }
  printLine('');
  switch (end) {
    case 'exhausted':
      return printLine(bold('These are all states there are. Nothing is wrong.'));
    case 'counterexample':
      printLine(
        ...wrap(red(`Wrong after ${counterexample?.moves} moves, the fewest there are.`), width),
      );
      printLine(...wrap(counterexample?.violation ?? '', width), '');
      return printLine((counterexample?.transcript ?? '').trimEnd());
    case null:
      return printLine('Not all was tried. Nothing was wrong so far.');
    default: {
      const bound =
        end === 'states' ? `${thousands(bounds.states)} states` : `${bounds.depth} moves`;
      const rest = `from ${thousands(report.waiting)} of them nothing was tried yet`;
      printLine(...wrap(`The bound of ${bound} was reached: ${rest}.`, width));
      printLine(bold('Nothing was wrong so far.'));
    }
  }
}

function list(json: boolean): void {
  const rows = presets.map((preset) => {
    const { name, mode, nodes, bounds } = preset;
    return { world: name, mode, nodes, clients: asksText(smallWorldOf(preset).clients), bounds };
  });
  if (json) return printJson({ worlds: rows });
  printTable(
    ['WORLD', 'MODE', 'NODES', 'CLIENTS'].map((title) => ({ title })),
    rows.map(({ world, mode, nodes, clients }) => [world, mode, `${nodes}`, clients]),
    outputWidth(),
  );
}

const asksText = (clients: SmallWorld['clients']): string =>
  clients
    .map((asks) =>
      asks.map(({ node, operation }) => `${operation.type} at ${node}`).join(', then '),
    )
    .map((asks, at) => `c${at + 1}: ${asks}`)
    .join('; ') || 'Nobody asks anything';

function given({ losses, duplicates, crashes, timers }: ExploreFlags): Partial<FaultCounts> {
  const said = Object.entries({ losses, duplicates, crashes, timers });
  return Object.fromEntries(said.filter(([, count]) => count !== undefined));
}

const faultsText = ({ crashes, losses, duplicates, timers }: FaultCounts): string =>
  `faults at most: crashes ${crashes}, losses ${losses}, duplicates ${duplicates}, timers ${timers}`;

const counts = ({ distinct, seen, depth, waiting }: SearchProgress): string =>
  `${thousands(distinct)} states, come to ${thousands(seen)} times, up to ${depth} moves away` +
  (waiting > 0 ? `, ${thousands(waiting)} of them not looked at yet` : '');

const rate = ({ distinct }: SearchProgress, begun: number): string => {
  const seconds = (performance.now() - begun) / 1000;
  return `${seconds.toFixed(1)} s, ${thousands(Math.round(distinct / seconds))} states a second`;
};

const thousands = (count: number): string => count.toLocaleString('en-US');
