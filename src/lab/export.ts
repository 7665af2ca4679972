/** A run of the laboratory for elsewhere: as a scenario, a test, a log. */
import { attempt, programOf } from '../shrink/attempt.js';
import { replayOf } from '../shrink/shrink.js';
import { testTextOf } from '../shrink/test-text.js';
import type { AfterPromises } from '../sim/virtual-time.js';
import { eventOfTraceLine, traceLineOf } from '../trace/line.js';
import { Recall } from '../trace/recall.js';
import { ShivizExport } from '../trace/shiviz.js';
import type { Recording, RunKey } from './recording.js';

export interface ExportedRun {
  readonly key: RunKey;
  /** What is wrong with it, as `kvx run` says it; `null`: nothing. */
  readonly sentence: string | null;
}

/**
 * The run with what is wrong with it as an expectation, so that `kvx run` fails alike: a scenario that expects nothing fails
 * nowhere. `recording`: of this run; `null`: it is not known yet.
 */
export function exportedOf(key: RunKey, recording: Recording | null): ExportedRun {
  if (recording === null || recording.failure !== null || recording.isCut) {
    return { key, sentence: recording?.failure ?? null };
  }
  const evidence = recording.check?.evidence ?? null;
  // Where something is expected and held, what is shown is as its author wants it.
  if (evidence === null || /^\s*expect\b/m.test(key.scenario)) return { key, sentence: null };
  const { model, sentence } = evidence;
  const scenario = `${key.scenario.trimEnd()}\nexpect history ${model}\n`;
  const { title = model } = recording.check?.models.find((each) => each.model === model) ?? {};
  return { key: { ...key, scenario }, sentence: `violated: ${title}: ${sentence}` };
}

/** `sentence`: what it shows, its first comment; `null`: nothing is wrong with it. */
export function scenarioFile(key: RunKey, sentence: string | null, file = 'FILE'): string {
  const { scenario, seed, bug } = key;
  const replay = `# ${replayOf(file, seed, bug ?? undefined)}`;
  const lines = scenario.trimEnd().split('\n');
  // Those that an earlier export has left.
  const kept = lines.filter(
    (line, at) =>
      !/^# kvx run \S+ --runtime sim --seed \d/.test(line) && !(at === 0 && isSentence(line)),
  );
  return [...(sentence === null ? [] : [`# ${firstLine(sentence)}`]), ...kept, replay, ''].join(
    '\n',
  );
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

const isSentence = (line: string): boolean => /^# (violated|crash-only|expected|seen): /.test(line);

/** A Vitest file that runs the scenario of that file beside it. It fails until what is wrong is mended. */
export const vitestFile = ({ seed, bug }: RunKey, sentence: string, name: string): string =>
  testTextOf(name, { seed, sentence }, bug ?? undefined);

/** The run once more, for its events; `null`: there is no such scenario. */
export async function shivizLog(key: RunKey, afterPromises: AfterPromises): Promise<string | null> {
  const program = programOf(key.scenario);
  if (program === null) return null;
  const [recall, log] = [new Recall(), new ShivizExport()];
  const parts = [log.begin()];
  await attempt(program, {
    ...{ seed: key.seed, bug: key.bug ?? undefined, afterPromises },
    // As `kvx trace --export shiviz` makes it of a trace in a file.
    sink: (event) => parts.push(log.event(recall.take(eventOfTraceLine(traceLineOf(event))))),
  });
  return parts.join('') + log.end();
}
