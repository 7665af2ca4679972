/** The evidence against a model, as `kvx check` prints it: the sentence, the reasons, the timeline and its operations. */
import type { ChalkInstance } from 'chalk';
import { meanwhile } from '../check/evidence/meanwhile.js';
import { nanoseconds } from '../check/evidence/time.js';
import { timeline } from '../check/evidence/timeline.js';
import { models } from '../check/models.js';
import type { CheckReport, Evidence, EvidenceOperation } from '../check/report.js';
import { capital } from '../core/show.js';
import { right } from '../render/page.js';
import { tableLines } from '../render/table.js';
import { wrap } from '../render/wrap.js';

/** Of a format without times, the numbers of lines stand for nanoseconds: they say what was before what, no more. */
export const hasClock = ({ durationNs, operations }: CheckReport): boolean =>
  durationNs > 2 * operations;

export interface EvidenceLook {
  readonly width: number;
  readonly hasTimes: boolean;
  readonly style: ChalkInstance;
}

/** Without newlines. */
export function evidenceLines(evidence: Evidence, look: EvidenceLook): string[] {
  const { width, hasTimes, style } = look;
  const { title } = models[evidence.model];
  const where = evidence.key === null ? '' : ` (key ${evidence.key})`;
  const heading = `${style.bold(`Evidence against ${title}`)}: ${evidence.anomaly}${where}`;
  const { sentence } = evidence;
  const whole = `${capital(sentence)}.`;
  const reasons = evidence.because.flatMap((reason) => {
    const [first = '', ...rest] = wrap(reason, width - 4);
    return [`  ${style.dim('·')} ${first}`, ...rest.map((line) => `    ${line}`)];
  });
  const broken = meanwhile(evidence, hasTimes);
  const paint = {
    ...{ culprit: style.red.bold, plain: style.cyan, dim: style.dim, fault: style.yellow },
  };
  const drawn = timeline(evidence, width - 2, paint);
  return [
    ...wrap(heading, width),
    '',
    ...wrap(whole, width - 2).map((line) => `  ${style.red(line)}`),
    ...reasons,
    ...(broken === null ? [] : ['', ...wrap(broken, width - 2).map((line) => `  ${line}`)]),
    ...(drawn.length > 0 ? [''] : []),
    ...drawn.slice(hasTimes ? 0 : 1).map((line) => `  ${line}`),
    '',
    ...operationLines(evidence.operations, look),
  ];
}

const timesAndLine = ['BEGAN', 'ENDED', 'LINE'].map(right);
/** More than these nobody reads. */
const operationsShownMax = 24;

function operationLines(
  operations: readonly EvidenceOperation[],
  { width, hasTimes, style }: EvidenceLook,
): string[] {
  const first = operations[0]?.invokedAt ?? 0;
  const time = (at: number | null) =>
    !hasTimes ? '' : at === null ? 'never' : at === first ? '0' : `+${nanoseconds(at - first)}`;
  const keys = new Set(operations.map(({ key }) => key));
  const shown = operations.slice(0, operationsShownMax);
  const table = tableLines(
    [
      right('#'),
      ...['WHO', 'OPERATION', 'KEY', 'NODE'].map((title) => ({ title })),
      ...timesAndLine,
    ],
    shown.map(({ who, label, key, node, invokedAt, returnedAt, line, isCulprit }, at) => [
      `${isCulprit ? '▸' : ''}${at + 1}`,
      who,
      label,
      keys.size > 1 ? (key ?? '') : '',
      node ?? '',
      time(invokedAt),
      time(returnedAt),
      `${line}`,
    ]),
    { width: Math.max(width, 40), styleTitle: style.dim },
  );
  const more = operations.length - shown.length;
  return [
    ...table,
    ...(more > 0 ? [`… and ${more.toLocaleString('en')} more; --json has them all`] : []),
  ];
}
