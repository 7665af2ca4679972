/** A history judged for an assertion: yes or no, and the words for both. The judge and the words are those of `kvx check`. */
import { type CheckOptions, checkSync } from '../check/check.js';
import { type ModelName, modelNames, models } from '../check/models.js';
import type { CheckReport } from '../check/report.js';
import { usageError } from '../core/errors.js';
import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import type { History } from '../history/history.js';
import { evidenceLines, hasClock } from '../operations/evidence-lines.js';
import { styleFor } from '../render/output.js';

/** A history, or a cluster whose history is meant. */
export type Recorded = History | { history(): History };

/** How long a judge may take, what keys held at first: as `check` of `kvx/check` takes it. */
export type JudgeBy = Omit<CheckOptions, 'models' | 'onProgress'>;

export interface AssertedVerdict {
  readonly verdict: 'holds' | 'violated' | 'unknown';
  /** What an assertion says that failed for it. */
  readonly message: string;
}

const width = 100;

/** Throws `bad-request` for a history without operations, of which all holds, and for a model that there is not. */
export function verdictOn(
  recorded: Recorded,
  model: ModelName,
  options: JudgeBy = {},
): AssertedVerdict {
  const history = 'count' in recorded ? recorded : recorded.history();
  if (history.count === 0) throw usageError('there is no operation in the history');
  const report = checkSync(history, { ...options, models: [model] });
  const [judged] = report.models;
  if (judged === undefined) throw usageError(`${model} can't be judged of this history`);
  const { title, verdict, reason } = judged;
  if (verdict === 'holds') return { verdict, message: `the history is ${title}: ${reason}` };
  const known = verdict === 'unknown' ? `nobody knows whether it is ${title}` : `not ${title}`;
  const lines = [`${known}: ${reason}`, ...strongestLine(history, options, verdict)];
  return { verdict, message: [...lines, ...evidenceOf(report)].join('\n') };
}

/** A name of `kvx check --model`, or what it is called: `monotonic reads`. */
export function modelCalled(words: string): ModelName {
  const name = words
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
  const found = modelNames.find((each) => each === name || models[each].title === words.trim());
  if (found !== undefined) return found;
  const what = `there is no model ${show(words)}${didYouMean(name, modelNames)}`;
  throw usageError(what, `There are ${modelNames.join(', ')}.`);
}

/** What is left of it is the first thing that one asks. */
function strongestLine(
  history: History,
  options: JudgeBy,
  verdict: AssertedVerdict['verdict'],
): string[] {
  if (verdict !== 'violated') return [];
  const { strongest } = checkSync(history, options);
  return [`The strongest that holds: ${strongest === null ? 'none' : models[strongest].title}`];
}

function evidenceOf(report: CheckReport): string[] {
  const { evidence } = report;
  if (evidence === null) return [];
  const style = styleFor({ isTTY: false });
  return ['', ...evidenceLines(evidence, { width, hasTimes: hasClock(report), style })];
}
