/** Which consistency a script's own clients got so far: by the judge of `check`, or by that of simulated runs. */

import { timeline } from '../check/evidence/timeline.js';
import { type ModelName, modelNames, models, objectModelNames } from '../check/models.js';
import type { Evidence } from '../check/report.js';
import { usageError } from '../core/errors.js';
import { unknownWord } from '../core/suggest.js';
import type { KeptHistory } from '../explore/kept-history.js';
import { line } from '../render/page.js';
import type { OperationContext } from './context.js';
import { argument } from './flags.js';
import { no, notKnown, operation, yes } from './operation.js';

interface HistoryJudged {
  readonly model: string;
  readonly verdict: 'holds' | 'violated' | 'unknown';
  readonly reason: string;
  readonly evidence: Evidence | null;
  /** What was wrong is about it. */
  readonly key: string | null;
}

/** Fits into 80 columns, behind what a failed expectation is indented by. */
const drawingWidth = 76;
const promised = 'as promised';
const ofObjects: readonly string[] = objectModelNames;
const names = modelNames.filter((name) => !ofObjects.includes(name));

export const history = operation<HistoryJudged>({
  name: 'history',
  summary: 'Judge what the clients of this script asked and were told.',
  description:
    'By a model of `check`, such as linearizable; or `as promised`: by the strongest that the mode promises for the levels used.',
  examples: ['history linearizable', 'history as promised'],
  arguments: [
    argument('MODEL', 'words', `${promised}, or a model of \`check\`, such as linearizable`, {
      ...{ rest: true, options: ['as', 'promised', ...names] },
    }),
  ],
  only: 'scripts',
  changes: false,
  run: async ({ context, given }) => {
    const asked = given.texts('MODEL').join(' ');
    if (asked === promised) return judgedAsPromised(context);
    const model = names.find((name) => name === asked);
    if (model !== undefined) return judgedBy(model, context);
    throw unknownWord('there is no model', asked, [promised, ...names]);
  },
  answer: ({ verdict }) =>
    verdict === 'holds' ? yes : verdict === 'violated' ? no('violated') : notKnown('undecided'),
  seen: ({ evidence, key, ...judged }) => ({
    type: 'verdict',
    key,
    sentence: sentenceOf(judged),
    drawing: evidence === null ? [] : drawn(evidence),
  }),
  page: ({ evidence, key: _, ...judged }) => [
    line(sentenceOf(judged)),
    ...(evidence === null ? [] : drawn(evidence).map(line)),
  ],
});

async function judgedBy(model: ModelName, context: OperationContext): Promise<HistoryJudged> {
  const { check } = await import('../check/check.js');
  const { models: reports } = await check(keptOf(context).history(), { models: [model] });
  const [report] = reports;
  if (report === undefined) throw new Error(`${model} was not judged`);
  const { verdict, reason, evidence } = report;
  const key = evidence?.key ?? null;
  return { model: models[model].title, verdict, reason, evidence, key };
}

/** In the simulator also by what nodes have decided, which clients may never notice. */
async function judgedAsPromised(context: OperationContext): Promise<HistoryJudged> {
  const { spec, guarantees, target } = context;
  const { mode, options } = spec;
  const { promisedVerdict } = await import('../explore/promised.js');
  const { violations, verdicts, evidence } = promisedVerdict(keptOf(context), {
    ...{ mode, options, sessions: guarantees },
  });
  const [first] = violations;
  const [contradiction] = target.contradictions ?? [];
  if (first !== undefined || contradiction !== undefined) {
    const reason =
      first === undefined ? `decision: ${contradiction}` : `${first.check}: ${first.message}`;
    return { model: promised, verdict: 'violated', reason, evidence, key: first?.key ?? null };
  }
  const undecided = [...verdicts.keys()].find((name) => name.endsWith(' unknown'));
  const verdict = undecided === undefined ? 'holds' : 'unknown';
  return { model: promised, verdict, reason: undecided ?? '', evidence, key: null };
}

function keptOf({ kept }: OperationContext): KeptHistory {
  if (kept !== null) return kept;
  throw usageError('no history is kept here', '`history` is for scripts: see `kvx run`.');
}

function sentenceOf({ model, verdict, reason }: Omit<HistoryJudged, 'evidence' | 'key'>): string {
  return reason === '' ? `${verdict}: ${model}` : `${verdict}: ${model}: ${reason}`;
}

const drawn = (evidence: Evidence): string[] => timeline(evidence, drawingWidth);
