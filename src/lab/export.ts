/** A run of the laboratory for elsewhere: as a scenario, a test, a log. */

import { attempt, programOf } from '../shrink/attempt.js';
import { replayOf } from '../shrink/shrink.js';
import { testTextOf } from '../shrink/test-text.js';
import type { AfterPromises } from '../sim/virtual-time.js';
import { eventOfTraceLine, traceLineOf } from '../trace/line.js';
import { Recall } from '../trace/recall.js';
import { ShivizExport } from '../trace/shiviz.js';
import type { RunKey } from './recording.js';

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
