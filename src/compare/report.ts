/** What a comparison came to: a table with a column for each, and a sentence for each on what gave way. */
import { nanoseconds } from '../check/evidence/time.js';
import { models } from '../check/models.js';
import type { Verdict } from '../check/report.js';
import { formatDuration } from '../config/duration.js';
import type { Millis } from '../core/ids.js';
import { quantity } from '../core/show.js';
import { faultTitle } from '../history/faults.js';
import type { AnswerKind } from '../render/failure.js';
import { right } from '../render/page.js';
import { tableLines } from '../render/table.js';
import { wrap } from '../render/wrap.js';
import type { LoadPlan } from './plan.js';
import type { Compared } from './run.js';

export interface Comparison {
  readonly plan: LoadPlan;
  readonly nodeCount: number;
  readonly runtime: string;
  readonly compared: readonly Compared[];
}

interface Figure {
  readonly title: string;
  of(compared: Compared): string;
}

const share = (part: number | null): string =>
  part === null
    ? '-'
    : part > 0.999 && part < 1
      ? '99.9 %'
      : `${Number((100 * part).toFixed(1))} %`;
const perOperation = (count: number | undefined): string =>
  count === undefined ? '-' : count.toFixed(count < 9.95 ? 1 : 0);
const latency = (ms: Millis | undefined): string => (ms === undefined ? '-' : formatDuration(ms));

/** Where there are no transactions, strict serializability is no more than linearizability. */
const shownModel = (model: string | null): string =>
  model === null ? 'none' : model === 'strict-serializable' ? 'linearizable' : model;

const figures: readonly Figure[] = [
  { title: 'operations asked', of: ({ asked }) => String(asked) },
  { title: 'available before', of: ({ availability }) => share(availability.before) },
  { title: '… during faults', of: ({ availability }) => share(availability.during) },
  { title: '… after them', of: ({ availability }) => share(availability.after) },
  { title: 'latency p50', of: ({ latencyMs }) => latency(latencyMs?.p50) },
  { title: 'latency p99', of: ({ latencyMs }) => latency(latencyMs?.p99) },
  { title: 'stale reads', of: ({ staleness }) => String(staleness?.staleReads ?? 0) },
  { title: '… age p99', of: ({ staleness }) => ageOf(staleness?.ageNs.p99) },
  { title: '… age max', of: ({ staleness }) => ageOf(staleness?.ageNs.max) },
  { title: 'lost writes', of: ({ writes }) => String(writes.lost) },
  { title: 'conflicts resolved', of: ({ writes }) => String(writes.conflicting) },
  { title: 'conflicts refused', of: ({ errors }) => String(refusedIn(errors)) },
  { title: 'strongest model', of: ({ report }) => shownModel(report.strongest) },
  {
    title: 'promised',
    of: ({ promised }) => `${shownModel(promised.model)} ${marks[promised.verdict]}`,
  },
  { title: 'messages/op', of: ({ perOperation: per }) => perOperation(per?.messages) },
  { title: 'syncs/op', of: ({ perOperation: per }) => perOperation(per?.syncs) },
];

const marks: Readonly<Record<Verdict, string>> = { holds: '✓', violated: '✗', unknown: '?' };

const ageOf = (ns: number | undefined): string => (ns ? nanoseconds(ns) : '-');

const refusedIn = (errors: Compared['errors']): number =>
  errors.reduce((sum, { code, count }) => sum + (code === 'conflict' ? count : 0), 0);

export interface ReportStyle {
  readonly width: number;
  readonly styleTitle?: (text: string) => string;
}

/** Of a sentence wider than this a person loses the line. */
const proseWidthMax = 100;

export function compareLines(comparison: Comparison, style: ReportStyle): string[] {
  const { compared } = comparison;
  const width = Math.min(style.width, proseWidthMax);
  return [
    ...wrap(headline(comparison), width),
    ...wrap(faultLine(compared), width),
    '',
    ...tablesOf(compared, style),
    ...compared.flatMap((each) => ['', ...paragraph(each, width)]),
  ];
}

/** The same without a width, for pages. */
export function compareTable({ compared }: Comparison) {
  return {
    title: 'Side by side',
    columns: ['', ...compared.map(({ label }) => label)],
    rows: figures.map(({ title, of }) => [title, ...compared.map(of)]),
  };
}

/** What was asked of all of them, what was broken, and what gave way. */
export const compareSentences = (comparison: Comparison): string[] => [
  headline(comparison),
  faultLine(comparison.compared),
  ...comparison.compared.map((each) => `${each.label}: ${gaveWay(each)}`),
];

function headline({ plan, nodeCount, runtime }: Comparison): string {
  const { clientCount, everyMs, durationMs, readShare, keyCount, seed } = plan;
  const rate = Number(((1000 * clientCount) / everyMs).toFixed(1));
  const load = `${quantity(clientCount, 'client')}, ${rate} operations/s for ${formatDuration(durationMs)}`;
  const mix = `${Number((100 * readShare).toFixed(1))} % reads of ${quantity(keyCount, 'key')}`;
  const where = runtime === 'sim' ? `simulated, seed ${seed}` : `as ${runtime}, seed ${seed}`;
  return `${quantity(nodeCount, 'node')} ${where}; ${load}, ${mix}`;
}

const faultsShownMax = 4;

/** Each fault once: its times as the first had them who met it, and who met it where not all did. */
function faultLine(compared: readonly Compared[]): string {
  const met = new Map<string, { readonly spans: string[]; readonly labels: string[] }>();
  for (const { label, faults } of compared) {
    for (const { words, beganAt, endedAt } of faults) {
      const title = faultTitle(words);
      const known = met.get(title) ?? { spans: [], labels: [label] };
      met.set(title, known);
      if (known.labels[0] === label) known.spans.push(`${tenths(beganAt)} to ${tenths(endedAt)}`);
      else if (!known.labels.includes(label)) known.labels.push(label);
    }
  }
  if (met.size === 0) return 'faults: none';
  const named = [...met].slice(0, faultsShownMax).map(([title, { spans, labels }]) => {
    const [first] = spans;
    const more = spans.length > 1 ? ` and ${spans.length - 1} more times` : '';
    const who = labels.length === compared.length ? '' : ` in ${labels.join(', ')}`;
    return `${title} (${first}${more})${who}`;
  });
  const more = met.size - named.length;
  return `faults: ${named.join('; ')}${more > 0 ? `; and ${more} more: --json has them all` : ''}`;
}

const tenths = (ns: number): string =>
  Number.isFinite(ns) ? formatDuration(Math.round(ns / 1e8) * 100) : 'the end';

/** As many beside each other as fit. */
function tablesOf(compared: readonly Compared[], { width, styleTitle }: ReportStyle): string[] {
  for (let count = compared.length; count > 0; count--) {
    const parts = Array.from({ length: Math.ceil(compared.length / count) }, (_, part) =>
      tableOf(compared.slice(part * count, (part + 1) * count), styleTitle),
    );
    const fits = parts.flat().every((line) => line.length <= width);
    if (!fits && count > 1) continue;
    return parts.flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
  }
  return [];
}

function tableOf(compared: readonly Compared[], styleTitle?: (text: string) => string): string[] {
  const columns = compared.map(({ label }) => right(label));
  const rows = figures.map(({ title, of }) => [title, ...compared.map(of)]);
  const [head = '', ...body] = tableLines([{ title: '' }, ...columns], rows);
  return [styleTitle?.(head) ?? head, ...body];
}

function paragraph(compared: Compared, width: number): string[] {
  const [first = '', ...rest] = wrap(`${compared.label}: ${gaveWay(compared)}`, width - 2);
  return [first, ...rest.map((line) => `  ${line}`)];
}

/** From here on somebody has noticed. */
const servedMin = 0.995;

/** What gave way: who was not served, and what was seen that the next stronger model does not allow. */
function gaveWay(compared: Compared): string {
  const { promised, scriptProblem } = compared;
  const gave = [...unserved(compared), ...inconsistency(compared)];
  const { model, verdict, why } = promised;
  const broke = verdict === 'violated' ? [`It broke its promise, ${model}: ${why}.`] : [];
  const unsure = verdict === 'unknown' ? [`Whether it is ${model} is not known: ${why}.`] : [];
  const script = scriptProblem === null ? [] : [`Its scenario stopped: ${scriptProblem}.`];
  return [
    ...broke,
    ...unsure,
    ...(gave.length === 0 ? ['Nothing gave way.'] : gave),
    ...script,
  ].join(' ');
}

function unserved({ availability, asked, answered, errors }: Compared): string[] {
  const { during } = availability;
  if (during === null || during >= servedMin) return [];
  const [commonest] = errors;
  const failed = `${asked - answered} of ${quantity(asked, 'operation')} failed`;
  const why = commonest === undefined ? '' : `; ${failed}, most often: ${commonest.example}`;
  return [`Availability gave way: clients were served ${share(during)} of the time${why}.`];
}

function inconsistency({ report: { evidence }, staleness, writes }: Compared): string[] {
  const lost = writes.lost > 0 ? [`${quantity(writes.lost, 'acknowledged write')} lost`] : [];
  const stale = staleness === null ? [] : [staleness.sentence];
  const seen = [...lost, ...stale].map((each) => `${each}. `).join('');
  if (evidence === null) return seen === '' ? [] : [seen.trimEnd()];
  const [reason] = evidence.because;
  const because = evidence.because.length === 1 ? `; ${reason}` : '';
  const where = evidence.key === null ? '' : ` (key ${evidence.key})`;
  const { title } = models[evidence.model];
  return [`Consistency gave way: ${seen}Not ${title}: ${evidence.sentence}${because}${where}.`];
}

/** No: a mode broke what it promises. Unknown: of one nobody can tell. */
export function compareAnswer(compared: readonly Compared[]): AnswerKind {
  const verdicts = compared.map(({ promised }) => promised.verdict);
  if (verdicts.includes('violated')) return 'no';
  return verdicts.includes('unknown') ? 'unknown' : 'yes';
}

export function compareDocument({ plan, compared, ...rest }: Comparison): unknown {
  const { operationsMax } = plan;
  const bounded = Number.isFinite(operationsMax) ? operationsMax : null;
  const documents = compared.map(({ history: _, ...each }) => each);
  return { ...rest, plan: { ...plan, operationsMax: bounded }, compared: documents };
}
