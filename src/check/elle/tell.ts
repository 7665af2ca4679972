/** Cycles and other anomalies in words; transactions are T1, T2… in the order in which they began. */
import type { History } from '../../history/history.js';
import { Narrator, plainText } from '../evidence/narrator.js';
import type { Finding } from '../finding.js';
import type { DirectAnomaly } from './anomaly.js';
import { type Edge, edgeTypes } from './graph.js';
import type { Transaction } from './transactions.js';

export function tellDirect(history: History, anomaly: DirectAnomaly): Finding {
  const { operations, names, cast } = namesOf(history, anomaly.operations);
  const sentence = anomaly.told.replace(/\{(\d)\}/g, (_, nth) =>
    names(anomaly.operations[Number(nth)] as number),
  );
  const culprit = anomaly.operations[0] as number;
  return { anomaly: anomaly.name, sentence, because: cast, operations, culprit };
}

export function tellCycle(
  history: History,
  cycle: readonly Edge[],
  transactions: readonly Transaction[],
): Finding {
  const at = (index: number) => transactions[index]?.at as number;
  const { operations, names, cast } = namesOf(
    history,
    cycle.map(({ from }) => at(from)),
  );
  const reasons = cycle.map((edge) =>
    reasonOf(history, edge, names(at(edge.from)), names(at(edge.to))),
  );
  const circle = cycle.map(({ from }) => names(at(from))).join(' before ');
  const back = names(at((cycle[0] as Edge).from));
  return {
    anomaly: anomalyOf(cycle),
    sentence: `${circle} before ${back}: no order of them explains what they saw`,
    because: [...reasons, ...cast],
    operations,
    culprit: -1,
  };
}

function namesOf(history: History, chosen: readonly number[]) {
  const narrator = new Narrator(history);
  const operations = [...new Set(chosen)].sort((a, b) => a - b);
  const names = (at: number) => `T${operations.indexOf(at) + 1}`;
  const cast = operations.map(
    (at) => `${names(at)} is ${narrator.deed(at)}, line ${history.line[at]}`,
  );
  return { operations, names, cast };
}

function reasonOf(history: History, edge: Edge, from: string, to: string): string {
  const key = plainText(history.keys[edge.key] ?? '');
  const value = (id: number) => plainText(history.values[id] ?? 'nothing');
  const [before, after] = [value(edge.before), value(edge.after)];
  switch (edge.type) {
    case edgeTypes.ww:
      return `${from} before ${to}: ${to} appended ${after} to ${key} after ${from}'s ${before}`;
    case edgeTypes.wwAfterRead:
    case edgeTypes.wwByTime:
      return `${from} before ${to}: ${to} wrote ${key} = ${after} over ${from}'s ${before}`;
    case edgeTypes.wr:
      return `${from} before ${to}: ${to} read ${key} = ${before}, which ${from} wrote`;
    case edgeTypes.rw:
    case edgeTypes.rwByTime:
      return `${from} before ${to}: ${from} read ${key} = ${before}, without ${to}'s ${after}`;
    case edgeTypes.process:
      return `${from} before ${to}: ${from} ended before ${to} of the same client began`;
    default:
      return `${from} before ${to}: ${from} ended before ${to} began`;
  }
}

/** By the kinds of its edges (Adya 1999; Elle, section 4.2): G0, G1c, G-single, G2; and what of time it needs. */
function anomalyOf(cycle: readonly Edge[]): string {
  const has = (types: number) => cycle.some(({ type }) => (type & types) !== 0);
  const count = cycle.filter(
    ({ type }) => (type & (edgeTypes.rw | edgeTypes.rwByTime)) !== 0,
  ).length;
  const byTime = edgeTypes.realtime | edgeTypes.wwByTime | edgeTypes.rwByTime;
  const suffix = has(byTime) ? '-realtime' : has(edgeTypes.process) ? '-process' : '';
  if (count > 1) return isLonely(cycle) ? `G-nonadjacent${suffix}` : `G2-item${suffix}`;
  if (count === 1) return `G-single${suffix}`;
  return has(edgeTypes.wr) ? `G1c${suffix}` : `G0${suffix}`;
}

function isLonely(cycle: readonly Edge[]): boolean {
  const isRw = ({ type }: Edge) => (type & (edgeTypes.rw | edgeTypes.rwByTime)) !== 0;
  return cycle.every((edge, at) => !isRw(edge) || !isRw(cycle[(at + 1) % cycle.length] as Edge));
}
