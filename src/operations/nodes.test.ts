import { expect, it } from 'vitest';
import { flagSetting } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { SimTarget } from '../targets/sim.js';
import { anyAsker, OperationContext } from './context.js';
import { Given } from './given.js';
import { faultPartition } from './links.js';
import { nodeAdd, nodeKill, nodeRestart, nodeResume } from './nodes.js';
import { type OperationEntry, perform } from './operation.js';
import { printed } from './testing/printed.js';

async function started() {
  const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
  await target.up(resolveSpec([flagSetting('mode', 'paxos', '--mode')]));
  const context = new OperationContext({ targets: [target], signal: new AbortController().signal });
  const does = (operation: OperationEntry, words: Readonly<Record<string, string>> = {}) => {
    const args = new Map(Object.entries(words).map(([name, word]) => [name, [Buffer.from(word)]]));
    const given = new Given(operation, { args, flags: new Map() });
    const call = { given, context, asker: anyAsker, json: false, timeoutMsMax: 10_000 };
    return perform(operation, { ...call, says: () => {}, tell: () => {} });
  };
  return { target, does, close: () => context.close() };
}

it('says that a node is added across all cuts', async () => {
  const { does, close } = await started();
  const linked = /n\d is linked to all, across every cut/;
  expect(printed(await does(nodeAdd)).notes).not.toMatch(linked);
  await does(faultPartition as OperationEntry, { GROUPS: 'n1' });
  expect(printed(await does(nodeAdd)).notes).toMatch(linked);
  close();
});

it('whoever lets a node run again ends the fault that stopped it, and no other', async () => {
  const { target, does, close } = await started();
  await target.changeFaults((_, next) =>
    ['n1', 'n2', 'n3'].map((node) => {
      const effect = { type: 'stopped', node, how: 'paused' } as const;
      return next({ words: `node pause ${node}`, by: 'nemesis pauses', effect });
    }),
  );
  for (const node of ['n1', 'n2', 'n3']) await target.control.pause(node);
  await does(nodeKill, { NODE: 'n1' });
  await does(nodeResume, { NODE: 'n2' });
  await does(nodeRestart, { NODE: 'n3' });
  expect(target.faults().map(({ words }) => words)).toEqual(['node pause n1']);
  close();
});
