/** Mode gossip in the simulator: what sessions, stabilize and quiet promise, and how fast news spreads. */
import { describe, expect, it } from 'vitest';
import type { Replica } from '../../src/core/replica.js';
import { guarantees } from '../../src/core/session.js';
import { type SimulationReport, simulateSubject, subjectOf } from '../../src/explore/simulate.js';
import { modeNamed } from '../../src/protocols/registry.js';
import { spreadOneUpdate } from './gossip-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode gossip, on three to six nodes', () => {
  it('keeps its promises under 60 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll('gossip', range(1, 60), 10);
    expect(coverage.get('runs')).toBe(60);
    demandCoverage(coverage, {
      'operations: ok': 5000,
      'operations: info': 60,
      'operations: refused': 550,
      'fault: kill': 24,
      'fault: power cut': 20,
      'fault: untimely power cut': 25,
      'fault: blackout': 26,
      'fault: one-way cut': 29,
      'fault: split': 27,
      'fault: pause': 21,
      'fact: torn tails cut': 38,
      'fact: failed syncs': 2,
      'fact: journal snapshots': 360,
      'runs: went on with nodes left broken': 5,
      'fact: bytes flipped': 8,
      'fact: nodes rejoined': 7,
      'fact: nodes added': 11,
      'fact: nodes removed': 7,
      'operations: behind': 5,
      'fact: record: horizon': 55,
      'fact: sent: wave': 750,
      'fact: sent: exchange': 850,
      'fact: sent: members': 500,
      'fact: verdict: read-your-writes holds': 11,
      'fact: verdict: writes-follow-reads holds': 11,
    });
  });
});

describe('news', () => {
  it.each([10, 100, 300])('reaches %i nodes about as fast as epidemic theory has it', (nodes) => {
    const { rounds, theory } = spreadOneUpdate(nodes, 1, 1);
    expect(rounds).toBeLessThanOrEqual(1.5 * theory);
    // Who could spread it in fewer would not be telling one node a round.
    expect(rounds).toBeGreaterThan(Math.log2(nodes));
  });
});

// biome-ignore lint/suspicious/noExplicitAny: which protocol it is does not matter.
type AnyReplica = Replica<any>;

/** Gossip, spoilt. */
function simulateFlawed(seed: number, spoil: (replica: AnyReplica) => void): SimulationReport {
  const subject = subjectOf(modeNamed('gossip'));
  const protocol = {
    ...subject.protocol,
    create(setup: Parameters<typeof subject.protocol.create>[0]) {
      const replica = subject.protocol.create(setup) as AnyReplica;
      spoil(replica);
      return replica;
    },
  };
  const sessions = { sessions: guarantees };
  return simulateSubject(
    { ...subject, protocol },
    { seed, phases: { stabilize: true }, workload: sessions },
  );
}

/** Demands that each of these checks says so of one of the first few runs. */
function demandFound(checks: readonly string[], spoil: (replica: AnyReplica) => void): void {
  const left = new Set(checks);
  for (let seed = 1; seed <= 12 && left.size > 0; seed++) {
    for (const { check } of simulateFlawed(seed, spoil).violations) left.delete(check);
  }
  expect([...left]).toEqual([]);
}

describe('the checks find out a gossip that', () => {
  it('does not look at what the session has seen', () => {
    demandFound(['read-your-writes', 'monotonic-reads'], (replica) => {
      const serve = replica.onRequest.bind(replica);
      replica.onRequest = (request, ctx) => serve({ ...request, floor: null }, ctx);
    });
  });

  it('says that it is stable before it is', () => {
    demandFound(['stabilize'], (replica) => {
      const serve = replica.onRequest.bind(replica);
      replica.onRequest = (request, ctx) => {
        if (request.operation.type !== 'stabilize') return serve(request, ctx);
        const nodes = [ctx.self, ...ctx.peers];
        ctx.reply(request.id, { type: 'stabilized', nodes, rounds: 1, messages: 0 });
      };
    });
  });

  it('loses messages of anti-entropy', () => {
    demandFound(['convergence'], (replica) => {
      const take = replica.onMessage.bind(replica);
      replica.onMessage = (from, message, ctx) => {
        if (message.type !== 'exchange') take(from, message, ctx);
      };
    });
  });
});
