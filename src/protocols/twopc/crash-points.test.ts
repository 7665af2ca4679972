/**
 * Atomicity across crash points: a transaction is run again and again, each time with a crash at another place. Every
 * place is taken, none is sampled: before each turn, and after each sync's begin and end, each message and each answer, on
 * the coordinator and on every worker; with what was not synced surviving on the disk or not; restarted soon
 * (before any vote-timeout) or late (after it, when the pool has gone on without the node); alone, or with the
 * coordinator, or with everybody else crashing at the same moment.
 */
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../core/ids.js';
import type { TraceEvent } from '../../core/trace-event.js';
import type { UnsyncedFate } from '../../sim/disk.js';
import type { Ticket } from '../../sim/manual.js';
import { check, get, put, said, txn } from '../testing/operations.js';
import { type TwoPhaseCluster, twoPhaseCluster } from './testing/cluster.js';
import { splitDecisions } from './testing/decisions.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const workers = nodes.slice(1);
const voteTimeoutMs = 40;

interface Scenario {
  readonly name: string;
  /** What runs while the crash happens. */
  readonly operations: readonly (readonly [
    string,
    ReturnType<typeof put> | ReturnType<typeof txn>,
  ])[];
}

const transfer = txn(check('x', '1'), check('y', '1'), put('x', '2'), put('y', '2'));
const scenarios: readonly Scenario[] = [
  { name: 'a transaction that a worker forwards', operations: [['n3', transfer]] },
  {
    name: 'two at once, and one that conflicts',
    operations: [
      ['n1', transfer],
      ['n2', put('z', '2')],
      ['n4', put('x', '3')],
    ],
  },
];

interface Crash {
  readonly at: number;
  readonly unsynced: UnsyncedFate;
  readonly restartAfterMs: number;
  readonly company: 'alone' | 'with the coordinator' | 'everybody';
}

interface Step {
  readonly node: NodeId;
  readonly event: TraceEvent;
  /** Records that a power cut at this step may or may not lose. */
  readonly undurable: number;
}

interface Outcome {
  readonly steps: readonly Step[];
  readonly cluster: TwoPhaseCluster;
  readonly asked: readonly Ticket[];
  readonly watched: readonly Ticket[];
}

/** How long the watched stretch lasts: until all is acknowledged and quiet. */
const stretchMs = 14;
/** So long are keys read. */
const watchMs = 120;
/** And how long after all are up again everything must be well: catching up, a retry or two. */
const settleMs = 450;

function play(scenario: Scenario, crash: Crash | null): Outcome {
  const cluster = twoPhaseCluster({ nodes, voteTimeoutMs, syncMs: 0.25 });
  cluster.wait(20);
  const before = cluster.request('n1', txn(put('x', '1'), put('y', '1')));
  cluster.wait(20);
  expect(said(before.result)).toBe('committed');

  const steps: Step[] = [];
  const end = cluster.now + stretchMs;
  cluster.onEvent = (event) => {
    const node = cluster.now > end ? null : nodeOf(event);
    if (node === null) return;
    steps.push({ node, event, undurable: cluster.undurableCount(node) });
    if (steps.length - 1 === crash?.at) bringDown(cluster, node, crash);
  };
  const asked = scenario.operations.map(([node, operation]) => cluster.request(node, operation));
  const watched: Ticket[] = [];
  for (let ms = 1; ms < watchMs; ms += 8) {
    cluster.world.at(cluster.now + ms, () => {
      for (const node of ['n2', 'n4']) {
        if (cluster.isUp(node)) watched.push(cluster.request(node, txn(get('x'), get('y'))));
      }
    });
  }
  cluster.wait(watchMs);
  if (crash !== null) cluster.wait(crash.restartAfterMs);
  for (let ms = 0; ms < settleMs && !isWell(cluster); ms += 10) cluster.wait(10);
  return { steps, cluster, asked, watched };
}

const lifeSigns = new Set(['heartbeat', 'alive']);

/** Whose step it is; `null`: a crash there would be no other than one at a step next to it. */
function nodeOf({ node, data }: TraceEvent): NodeId | null {
  switch (data.type) {
    case 'call':
    case 'sync':
    case 'durable':
    case 'return':
      return node;
    case 'sent':
    case 'delivered':
      // What only says that somebody lives is at nobody's risk.
      return lifeSigns.has(data.message.type) ? null : node;
    default:
      return null;
  }
}

function bringDown(cluster: TwoPhaseCluster, node: NodeId, crash: Crash): void {
  const victims = new Set([node]);
  if (crash.company !== 'alone') victims.add('n1');
  if (crash.company === 'everybody') for (const other of nodes) victims.add(other);
  // The others lose what they had not synced; what may survive is enumerated for the node at the point.
  for (const victim of victims) {
    cluster.host(victim).crash('power', victim === node ? crash.unsynced : 'lost');
  }
  cluster.world.at(cluster.now + crash.restartAfterMs, () => {
    for (const victim of victims) cluster.start(victim);
  });
}

/** All are up and quiet, and in the pool. */
function isWell(cluster: TwoPhaseCluster): boolean {
  if (nodes.some((node) => !cluster.isUp(node) || cluster.view(node).unsettledCount > 0)) {
    return false;
  }
  return cluster.fact('n1', 'pool') === 'n2 n3 n4';
}

/** Plain comparisons: `expect` is too slow to be called a million times. */
function must(holds: boolean, what: () => string): void {
  if (!holds) throw new Error(what());
}

function judge({ cluster, asked, watched }: Outcome): void {
  must(splitDecisions(cluster).length === 0, () => splitDecisions(cluster).join('; '));
  const contents = cluster.contents('n2');
  for (const worker of workers) {
    const held = cluster.contents(worker);
    must(held === contents, () => `${worker} holds ${held}, n2 holds ${contents}`);
  }
  const pool = cluster.fact('n1', 'pool');
  must(pool === 'n2 n3 n4', () => `the pool is ${pool}`);
  for (const node of nodes) {
    must(cluster.view(node).unsettledCount === 0, () => `${node} is not quiet`);
  }
  must(contents.includes('x=2') === contents.includes('y=2') || contents.includes('x=3'), () => {
    return `half of the transfer: ${contents}`;
  });
  for (const { operation, result } of asked) {
    const wrote = traceOf(operation);
    const heard = said(result);
    // The x of the transfer may have been overwritten since, its y is not touched by anybody else.
    if (/^(committed|done)/.test(heard)) {
      must(contents.includes(wrote), () => `${wrote} was acknowledged; there is ${contents}`);
    } else if (heard.startsWith('definite') || heard.startsWith('refused')) {
      must(!contents.includes(wrote), () => `${wrote}: ${heard}; there is ${contents}`);
    }
  }
  judgeReads(watched, asked);
  const after = cluster.request('n4', txn(put('x', '9'), put('y', '9'), put('z', '9')));
  cluster.wait(50);
  must(said(after.result) === 'committed', () => `and then: ${said(after.result)}`);
}

function traceOf(operation: Ticket['operation']): string {
  if (operation.type !== 'put') return 'y=2';
  return operation.value[0] === '2'.charCodeAt(0) ? 'z=2' : 'x=3';
}

/** Never half a transaction, never older than what had been acknowledged, never back. */
function judgeReads(watched: readonly Ticket[], asked: readonly Ticket[]): void {
  const transferred = asked[0] as Ticket;
  const seen = watched
    .filter(({ result }) => result?.type === 'committed')
    .map(({ askedAt: at, answeredAt, result }) => ({ at, answeredAt, heard: said(result) }));
  const wholes = ['committed 1 1', 'committed 2 2', 'committed 3 1', 'committed 3 2'];
  let doneAt = transferred.result?.type === 'committed' ? transferred.answeredAt : Infinity;
  for (const { answeredAt, heard } of seen) {
    must(wholes.includes(heard), () => `half a transaction was read: ${heard}`);
    if (heard.endsWith('2')) doneAt = Math.min(doneAt, answeredAt);
  }
  for (const { at, heard } of seen) {
    must(at <= doneAt || heard.endsWith('2'), () => `read ${heard} at ${at}, done at ${doneAt}`);
  }
}

describe('every crash point', () => {
  it.each(scenarios)(
    'of $name leaves it whole',
    (scenario) => {
      const calm = play(scenario, null);
      judge(calm);
      // The stretch reaches from the first message to the record that ends the last transaction.
      expect(
        calm.cluster.durable.get('n1')?.filter(({ type }) => type === 'ended').length,
      ).toBeGreaterThan(0);
      let runs = 0;
      for (const [at, { node, undurable }] of calm.steps.entries()) {
        const fates = undurable === 0 ? (['lost'] as const) : (['lost', 'kept'] as const);
        for (const company of ['alone', 'with the coordinator', 'everybody'] as const) {
          if (company === 'with the coordinator' && node === 'n1') continue;
          // With company, soon and late by turns.
          const delaysMs = company === 'alone' ? [5, 150] : [at % 2 === 0 ? 5 : 150];
          for (const restartAfterMs of delaysMs) {
            for (const unsynced of fates) {
              const crash: Crash = { at, unsynced, restartAfterMs, company };
              try {
                judge(play(scenario, crash));
              } catch (error) {
                const where = JSON.stringify({ ...crash, step: calm.steps[at] });
                throw new Error(`${where}\n${error instanceof Error ? error.message : error}`);
              }
              runs += 1;
            }
          }
        }
      }
      console.log(`${scenario.name}: ${calm.steps.length} crash points, ${runs} runs`);
      expect(runs).toBeGreaterThan(3 * calm.steps.length);
    },
    600_000,
  );
});
