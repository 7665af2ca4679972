import { afterEach, describe, expect, it } from 'vitest';
import { type Key, keyFromText } from '../core/key.js';
import { realTiming } from '../node/timing.js';
import type { ClientFrame, NodeStatus, ScannedEntry } from '../runtime/links/client-frames.js';
import { type Agreement, type VerifyOptions, verifyAgreement } from './agreement.js';
import { quietStatus } from './testing/fake-endpoint.js';
import { type FakeCaller, FakeNode } from './testing/fake-node.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** What a node holds: `k=5` has version 5, `k=†` is a tombstone. */
type Store = readonly string[];

interface Plan {
  readonly stores: () => Store;
  readonly status?: () => Partial<NodeStatus>;
}

const owners = ['n1', 'n2', 'n3'];

function entryOf(text: string): ScannedEntry {
  const [key, held] = text.split('=') as [string, string];
  const deleted = held === '†';
  const version = { stamp: deleted ? 9 : Number(held), node: 'n1' };
  return {
    ...{ key: keyFromText(key), version, deleted, owners },
    ...{ value: null, digest: deleted ? 0 : 1 },
  };
}

function answer({ id, type }: ClientFrame, caller: FakeCaller, node: string, plan: Plan): void {
  if (type === 'status') {
    caller.send({ type, id, status: { ...quietStatus, node, ...plan.status?.() } });
  } else if (type === 'scan') {
    caller.send({ type: 'entries', id, entries: plan.stores().map(entryOf), last: true });
  }
}

async function verify(
  plans: readonly (Plan | Store | 'dead')[],
  options: Partial<VerifyOptions> = {},
): Promise<Agreement> {
  const endpoints = [];
  for (const [at, given] of plans.entries()) {
    const name = `n${at + 1}`;
    const node = await FakeNode.start(name, (frame, caller) => {
      if (given === 'dead') return;
      answer(frame, caller, name, 'stores' in given ? given : { stores: () => given });
    });
    if (given === 'dead') await node.stop();
    else cleanups.push(() => node.stop());
    endpoints.push(node.endpoint);
  }
  const { signal } = new AbortController();
  return verifyAgreement(endpoints, {
    ...{ timing: realTiming, timeoutMs: 400, linksCut: false, signal },
    ...options,
  });
}

const k = keyFromText('k') as Key;
const version = (stamp: number) => ({ stamp, node: 'n1' });

describe('replicas agree', () => {
  it('when every owner holds the same', async () => {
    expect(
      await verify([
        ['k=1', 'l=2'],
        ['k=1', 'l=2'],
        ['l=2', 'k=1'],
      ]),
    ).toEqual({
      ...{ agrees: true, keyCount: 2, copyCount: 6, differences: [] },
      ...{ unreachable: [], unsettled: [] },
    });
  });

  it('when one deleted what others never had', async () => {
    expect(await verify([['k=†'], [], ['k=†']])).toMatchObject({ agrees: true, keyCount: 0 });
  });

  it('whatever nodes hold that are no owners', async () => {
    expect(await verify([['k=1'], ['k=1'], ['k=1'], ['k=7']])).toMatchObject({ agrees: true });
  });
});

describe('replicas differ', () => {
  it('by version, by absence, by a tombstone', async () => {
    const { agrees, differences } = await verify([['k=1', 'l=1', 'm=1'], ['k=2', 'm=†'], ['k=1']]);
    expect(agrees).toBe(false);
    expect(differences.map(({ key }) => key)).toEqual(['k', 'l', 'm']);
    expect(differences[0]).toEqual({
      key: k,
      held: [
        { node: 'n1', version: version(1) },
        { node: 'n2', version: version(2) },
        { node: 'n3', version: version(1) },
      ],
    });
    expect(differences[2]?.held.map((held) => held.version)).toEqual([version(1), null, null]);
  });

  it('until they have converged, if there is time', async () => {
    let scans = 0;
    const late: Plan = { stores: () => (++scans > 2 ? ['k=2'] : ['k=1']) };
    const same = { stores: () => ['k=2'] };
    expect(await verify([late, same, same], { timeoutMs: 5000 })).toMatchObject({ agrees: true });
    expect(scans).toBe(3);
  });

  it('and nobody waits for them to converge while links are cut', async () => {
    let scans = 0;
    const stale: Plan = { stores: () => [`k=${++scans}`] };
    const options = { linksCut: true, timeoutMs: 5000 };
    expect(await verify([stale, ['k=9'], ['k=9']], options)).toMatchObject({ agrees: false });
    expect(scans).toBe(1);
  });
});

describe('before comparing', () => {
  it('waits until nothing is under way, and no node suspects a living one', async () => {
    let asked = 0;
    const busy: Plan = {
      stores: () => (asked >= 5 ? ['k=2'] : ['k=1']),
      status: () => {
        asked++;
        return { unsettledCount: asked < 3 ? 1 : 0, suspects: asked < 5 ? ['n2'] : [] };
      },
    };
    const same = { stores: () => ['k=2'] };
    const { agrees, unsettled } = await verify([busy, same, same], { timeoutMs: 5000 });
    expect({ agrees, unsettled }).toEqual({ agrees: true, unsettled: [] });
  });

  it('does not wait for nodes to hear from those that they are cut from', async () => {
    const same: Plan = { stores: () => ['k=2'], status: () => ({ suspects: ['n2'] }) };
    const plans = [same, { stores: () => ['k=2'] }, { stores: () => ['k=2'] }];
    const cuts = [{ from: 'n1', to: 'n2' }];
    expect(await verify(plans, { cuts })).toMatchObject({ agrees: true, unsettled: [] });
    const others = [{ from: 'n1', to: 'n3' }];
    expect(await verify(plans, { cuts: others })).toMatchObject({ unsettled: ['n1'] });
  });

  it('gives up waiting when time runs out, and says for whom', async () => {
    const busy: Plan = { stores: () => ['k=1'], status: () => ({ unsettledCount: 4 }) };
    expect(await verify([busy, ['k=1'], ['k=1']])).toMatchObject({ unsettled: ['n1'] });
  });
});

describe('a node that is dead', () => {
  it('is named, and the answer is no, even if all others agree', async () => {
    const suspicious = { stores: () => ['k=1'], status: () => ({ suspects: ['n2'] }) };
    const agreement = await verify([suspicious, 'dead', ['k=1']]);
    expect(agreement).toMatchObject({ agrees: false, differences: [], unsettled: [] });
    expect(agreement.unreachable).toMatchObject([{ node: 'n2' }]);
  });
});
