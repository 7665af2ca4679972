/** Cycles and other anomalies in words; transactions are T1, T2… in the order in which they began. */
import type { History } from '../../history/history.js';
import { Narrator, shownText } from '../evidence/narrator.js';
import type { Finding } from '../finding.js';
import type { DirectAnomaly } from './anomaly.js';
import type { Against } from './evidence.js';
import { type Edge, edgeTypes } from './graph.js';
import type { SeenTransaction } from './transactions.js';

/** `operations`: all that it takes, as indices into the live transactions. */
export function tellAgainst(
  history: History,
  against: Against,
  operations: readonly number[],
  transactions: readonly SeenTransaction[],
): Finding {
  const at = (by: number) => transactions[by]?.at as number;
  const chosen = operations.map(at);
  switch (against.type) {
    case 'direct':
      return tellDirect(history, against.anomaly, chosen, at);
    case 'circle':
      return tellCycle(history, against.edges, chosen, at);
    case 'core': {
      const { operations: all, cast } = namesOf(history, chosen);
      return {
        ...{ anomaly: 'no order', operations: all, culprit: -1, because: cast },
        sentence: 'no order of these transactions explains what they saw',
      };
    }
  }
}

function tellDirect(
  history: History,
  anomaly: DirectAnomaly,
  chosen: readonly number[],
  at: (by: number) => number,
): Finding {
  const named = [
    ...anomaly.by.map(at),
    ...(anomaly.aborted === undefined ? [] : [anomaly.aborted]),
  ];
  const { operations, names, cast } = namesOf(history, [...chosen, ...named]);
  const sentence = anomaly.told.replace(/\{(\d)\}/g, (_, nth) =>
    names(named[Number(nth)] as number),
  );
  return {
    ...{ anomaly: anomaly.name, sentence, because: cast, operations },
    culprit: named[0] as number,
  };
}

function tellCycle(
  history: History,
  cycle: readonly Edge[],
  chosen: readonly number[],
  at: (by: number) => number,
): Finding {
  const { operations, names, cast } = namesOf(history, chosen);
  const name = (by: number) => names(at(by));
  const reasons = cycle.map((edge) => reasonOf(history, edge, name));
  const circle = cycle.map(({ from }) => name(from)).join(' before ');
  return {
    anomaly: anomalyOf(cycle),
    sentence: `${circle} before ${name((cycle[0] as Edge).from)}: no order of them explains what they saw`,
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

function reasonOf(history: History, edge: Edge, name: (by: number) => string): string {
  const [from, to] = [name(edge.from), name(edge.to)];
  const key = shownText(history.keys[edge.key] ?? '');
  const value = (id: number) => shownText(history.values[id] ?? 'nothing');
  const [before, after] = [value(edge.before), value(edge.after)];
  switch (edge.type) {
    case edgeTypes.known: {
      const [reader = '', ...others] = edge.via.map(name);
      const path = others.length > 1 ? `, through ${others.slice(0, -1).join(' and ')}` : '';
      return `${from} before ${to}: both wrote ${key}, and ${reader} read ${to}'s, although it depends on ${from}${path}`;
    }
    case edgeTypes.shown:
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
  if (has(edgeTypes.known)) {
    return has(edgeTypes.process) || cycle.some(({ via }) => via.length > 2)
      ? 'causal circle'
      : 'fractured read';
  }
  if (count > 1) return isLonely(cycle) ? `G-nonadjacent${suffix}` : `G2-item${suffix}`;
  if (count === 1) return `G-single${suffix}`;
  if (has(edgeTypes.wr)) return `G1c${suffix}`;
  return `G0${suffix}`;
}

function isLonely(cycle: readonly Edge[]): boolean {
  const isRw = ({ type }: Edge) => (type & (edgeTypes.rw | edgeTypes.rwByTime)) !== 0;
  return cycle.every((edge, at) => !isRw(edge) || !isRw(cycle[(at + 1) % cycle.length] as Edge));
}
