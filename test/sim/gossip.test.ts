/** Mode gossip in the simulator: what sessions, stabilize and quiet promise, and how fast news spreads. */
import { describe, expect, it } from 'vitest';
import type { Replica } from '../../src/core/replica.js';
import { type SimulationReport, simulateSubject } from '../../src/explore/simulate.js';
import { parseModeOptions } from '../../src/protocols/options.js';
import { type AnyMode, modeNamed } from '../../src/protocols/registry.js';
import { gossipOptions, spreadOneUpdate } from './gossip-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode gossip, on three to six nodes', () => {
  it('keeps its promises under 60 seeds', { timeout: 600_000 }, () => {
    const coverage = runAll(range(1, 60), 10, gossipOptions);
    demandCoverage(coverage, {
      'operations: ok': 5500,
      'operations: behind': 55,
      'stale reads': 55,
      'fact: record: horizon': 165,
    });
  });
});

describe('news', () => {
  it.each([10, 100, 1000])('reaches %i nodes about as fast as epidemic theory has it', (nodes) => {
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
  const mode: AnyMode = modeNamed('gossip');
  const run = gossipOptions(seed);
  return simulateSubject(
    {
      protocol: {
        ...mode.protocol,
        create(setup) {
          const replica = mode.protocol.create(setup) as AnyReplica;
          spoil(replica);
          return replica;
        },
      },
      options: (nodes) => parseModeOptions('gossip', run.modeOptions ?? {}, nodes),
      consistency: () => 'eventual',
    },
    run,
  );
}

function violatedBy(spoil: (replica: AnyReplica) => void): Set<string> {
  const reports = [...range(1, 12)].map((seed) => simulateFlawed(seed, spoil));
  return new Set(reports.flatMap(({ violations }) => violations.map(({ check }) => check)));
}

describe('the checks find out a gossip that', () => {
  it('does not look at what the session has seen', () => {
    const violated = violatedBy((replica) => {
      const serve = replica.onRequest.bind(replica);
      replica.onRequest = (request, ctx) => serve({ ...request, floor: null }, ctx);
    });
    expect(violated).toContain('read your writes');
    expect(violated).toContain('monotonic reads');
    expect(violated).toContain('writes follow reads');
  });

  it('says that it is stable before it is', () => {
    const violated = violatedBy((replica) => {
      const serve = replica.onRequest.bind(replica);
      replica.onRequest = (request, ctx) => {
        if (request.operation.type !== 'stabilize') return serve(request, ctx);
        const nodes = [ctx.self, ...ctx.peers];
        ctx.reply(request.id, { type: 'stabilized', nodes, rounds: 1, messages: 0 });
      };
    });
    expect(violated).toContain('stabilize');
  });

  it('loses messages of anti-entropy', () => {
    const violated = violatedBy((replica) => {
      const take = replica.onMessage.bind(replica);
      replica.onMessage = (from, message, ctx) => {
        if (message.type !== 'exchange') take(from, message, ctx);
      };
    });
    expect(violated).toContain('convergence');
  });
});
