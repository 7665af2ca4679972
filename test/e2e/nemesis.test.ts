/** `kvx fault nemesis` and what becomes of it when it is interrupted or killed. */
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ActiveFault } from '../../src/faults/active.js';
import { ended, Sandbox } from './commands-sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.cleanUp());

/** Starts one and waits until it has done so much. */
async function nemesisWith(
  names: readonly string[],
  isEnough: (event: { readonly change?: string; readonly by?: string }) => boolean,
) {
  const child = sandbox.start(['fault', 'nemesis', ...names, '--every', '400ms', '--json']);
  const end = ended(child);
  for await (const line of createInterface(child.stdout)) if (isEnough(JSON.parse(line))) break;
  return { child, end };
}

const faultsNow = (): ActiveFault[] => sandbox.json(['fault', 'list']).document.faults;

function statesNow(): Record<string, string> {
  const { nodes } = sandbox.json(['cluster', 'status']).document;
  const pairs = nodes.map(({ node, state }: Record<string, string>) => [node, state]);
  return Object.fromEntries(pairs);
}

const allRun = { n1: 'running', n2: 'running', n3: 'running' };

describe('a nemesis', () => {
  test('that is killed leaves on the list what it broke, and healing undoes that', async () => {
    sandbox.run(['cluster', 'up', '--mode', 'paxos', '-n', '3', '--runtime', 'processes']);
    const begun = new Set<string>();
    const names = ['kills', 'halves', 'membership'];
    const { child, end } = await nemesisWith(names, ({ change, by = '' }) => {
      if (change === 'begin') begun.add(by);
      if (change === 'end') begun.delete(by);
      return begun.has('nemesis kills') && begun.size > 1;
    });
    child.kill('SIGKILL');
    await end;

    const faults = faultsNow();
    expect(faults.map(({ by }) => by)).toEqual(expect.arrayContaining([...begun]));
    const states = statesNow();
    for (const { effect } of faults) {
      if (effect.type === 'stopped') expect(states[effect.node]).toBe('dead');
    }
    const stopped = faults.flatMap(({ effect }) =>
      effect.type === 'stopped' ? [effect.node] : [],
    );
    expect(Object.keys(states).filter((node) => states[node] !== 'running')).toEqual(stopped);

    expect(sandbox.run(['fault', 'heal']).status).toBe(0);
    expect(faultsNow()).toEqual([]);
    expect(statesNow()).toEqual(allRun);
    expect(sandbox.run(['put', 'a', '1']).status).toBe(0);
  });

  test('that is interrupted undoes it all; another one at the same time is refused', async () => {
    sandbox.run(['cluster', 'up', '-n', '3']);
    const broken = new Set<string>();
    const { child, end } = await nemesisWith(['pauses', 'halves'], ({ change, by = '' }) => {
      if (change === 'begin') broken.add(by);
      return broken.size === 2;
    });
    const second = sandbox.run(['fault', 'nemesis', 'kills', '--for', '1s']);
    expect(second).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(`pid ${child.pid}`),
    });
    expect(sandbox.run(['fault', 'nemesis']).status).toBe(64);
    child.kill('SIGTERM');
    expect((await end).status).toBe(130);
    expect(faultsNow()).toEqual([]);
    expect(statesNow()).toEqual(allRun);
  });

  test('is told by name', () => {
    const { status, stderr } = sandbox.run(['fault', 'nemesis', 'halvs']);
    expect({ status, stderr }).toEqual({ status: 64, stderr: expect.stringContaining('halves?') });
    expect(sandbox.run(['fault', 'nemesis', '--list']).stdout).toMatch(/^kills +kill a node/m);
  });

  test('breaks what a bench measures, and tells of it', async () => {
    sandbox.run(['cluster', 'up', '--mode', 'gossip', '-n', '3']);
    const load = ['bench', '--clients', '2', '--duration', '1h', '--seed', '1', '--json'];
    const nemesis = ['--nemesis', 'kills,membership', '--nemesis-every', '400ms'];
    const child = sandbox.start([...load, ...nemesis]);
    const end = ended(child);
    const awaited = new Set(['begin kills', 'end membership']);
    for await (const line of createInterface(child.stderr)) {
      const [, change, by] = line.trim().split(/ {2,}/);
      awaited.delete(`${change} ${by}`);
      if (awaited.size === 0) break;
    }
    child.kill('SIGINT');
    const { status, stdout } = await end;
    expect(status).toBe(130);
    const document = JSON.parse(stdout);
    expect(document.doneCount).toBeGreaterThan(100);
    expect(document.nemesis).toMatchObject({ names: ['kills', 'membership'], failure: null });
    const done = document.nemesis.events.map(({ change, by }: Record<string, string>) => {
      return `${change} ${by}`;
    });
    expect(done).toEqual(expect.arrayContaining(['begin nemesis kills', 'end nemesis membership']));
    expect(statesNow()).toEqual(allRun);
  });
});
