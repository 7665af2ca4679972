import { describe, expect, it } from 'vitest';
import type { NodeId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import { realTiming } from '../node/timing.js';
import { type Stabilization, stabilize } from './stabilize.js';
import { FakeEndpoint } from './testing/fake-endpoint.js';

type Behaviour = ClientResult | 'dead';

const part = (...nodes: NodeId[]): ClientResult => {
  return { type: 'stabilized', nodes, rounds: 2, messages: 3 * nodes.length };
};
const error = (
  code: 'timeout' | 'disconnected' | 'bad-request',
  definite: boolean,
): ClientResult => {
  return { type: 'error', code, definite, message: `n1: ${code}` };
};

async function run(
  ...behaviours: readonly Behaviour[]
): Promise<{ asked: NodeId[]; result: Stabilization | Error }> {
  const endpoints = behaviours.map((behaviour, at) => {
    const answer = behaviour === 'dead' ? behaviour : () => behaviour;
    return new FakeEndpoint(`n${at + 1}`, answer);
  });
  const result = await stabilize(endpoints, { timing: realTiming, timeoutMs: 1_000 }).catch(
    (failure: Error) => failure,
  );
  return {
    result,
    asked: endpoints.filter(({ asked }) => asked.length > 0).map(({ node }) => node),
  };
}

describe('stabilize', () => {
  it('asks one node when all are connected', async () => {
    const { asked, result } = await run(part('n1', 'n2', 'n3'), part('n2'), part('n3'));
    expect(asked).toEqual(['n1']);
    expect(result).toEqual({
      parts: [{ nodes: ['n1', 'n2', 'n3'], rounds: 2, messages: 9 }],
      unreachable: [],
    });
  });

  it('asks one node of each part', async () => {
    const { asked, result } = await run(part('n1', 'n3'), part('n2', 'n4'), part('n3'), part('n4'));
    expect(asked).toEqual(['n1', 'n2']);
    expect(result).toMatchObject({ parts: [{ nodes: ['n1', 'n3'] }, { nodes: ['n2', 'n4'] }] });
  });

  it('goes on without nodes that can not be reached', async () => {
    const { result } = await run('dead', part('n2', 'n3'), part('n3'));
    expect(result).toMatchObject({
      parts: [{ nodes: ['n2', 'n3'] }],
      unreachable: [{ node: 'n1', why: expect.stringContaining("can't be reached") }],
    });
  });

  it('asks another node when one dies midway, and blames it no more if it came back in time', async () => {
    const { asked, result } = await run(error('disconnected', false), part('n1', 'n2'));
    expect(asked).toEqual(['n1', 'n2']);
    expect(result).toMatchObject({ parts: [{ nodes: ['n1', 'n2'] }], unreachable: [] });
  });

  it('is unavailable when nobody is there', async () => {
    const { result } = await run('dead', 'dead');
    expect(result).toMatchObject({ code: 'unavailable', definite: true });
  });

  it('fails when a part does not converge in time, and can be asked again', async () => {
    const { result } = await run(error('timeout', false), part('n2'));
    expect(result).toMatchObject({ code: 'timeout', definite: false });
    expect((result as { hint?: string }).hint).toMatch(/^Ask again/);
  });

  it('fails with what a node refused', async () => {
    const { result } = await run(error('bad-request', true), part('n2'));
    expect(result).toMatchObject({ code: 'bad-request', message: 'n1: bad-request' });
  });
});
