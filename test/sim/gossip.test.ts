/** Mode gossip in the simulator: what sessions, stabilize and quiet promise, and how fast news spreads. */
import { describe, expect, it } from 'vitest';
import type { Replica } from '../../src/core/replica.js';
import { guarantees } from '../../src/core/session.js';
import { type SimulationReport, simulateSubject, subjectOf } from '../../src/explore/simulate.js';
import { modeNamed } from '../../src/protocols/registry.js';
import { spreadOneUpdate } from './gossip-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode gossip, on three to six nodes', () => {
  it('keeps its promises under 100 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll('gossip', range(1, 100), 10);
    expect(coverage.get('runs')).toBe(100);
    demandCoverage(coverage, {
      'operations: ok': 10000,
      'operations: info': 120,
      'operations: refused': 1100,
      'fault: kill': 48,
      'fault: power cut': 40,
      'fault: untimely power cut': 51,
      'fault: blackout': 52,
      'fault: one-way cut': 59,
      'fault: split': 55,
      'fault: pause': 43,
      'fact: torn tails cut': 76,
      'fact: failed syncs': 4,
      'fact: journal snapshots': 720,
      'runs: went on with nodes left broken': 11,
      'fact: bytes flipped': 17,
      'fact: nodes rejoined': 15,
      'fact: nodes added': 23,
      'fact: nodes removed': 15,
      'operations: behind': 10,
      'fact: record: horizon': 110,
      'fact: sent: wave': 1500,
      'fact: sent: exchange': 1700,
      'fact: sent: members': 1000,
      'fact: verdict: read-your-writes holds': 23,
      'fact: verdict: writes-follow-reads holds': 23,
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
