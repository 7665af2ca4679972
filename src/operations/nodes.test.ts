import { expect, it } from 'vitest';
import { flagSetting } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { SimTarget } from '../targets/sim.js';
import { anyAsker, OperationContext } from './context.js';
import { Given } from './given.js';
import { nodeKill, nodeRestart, nodeResume } from './nodes.js';
import { type OperationEntry, perform } from './operation.js';

it('whoever lets a node run again ends the fault that stopped it, and no other', async () => {
  const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
  await target.up(resolveSpec([flagSetting('mode', 'paxos', '--mode')]));
  const context = new OperationContext({ targets: [target], signal: new AbortController().signal });
  const does = (operation: OperationEntry, node: string) => {
    const args = new Map([['NODE', [Buffer.from(node)]]]);
    const given = new Given(operation, { args, flags: new Map() });
    const call = { given, context, asker: anyAsker, json: false, timeoutMsMax: 1000 };
    return perform(operation, { ...call, says: () => {}, tell: () => {} });
  };
  await target.changeFaults((_, next) =>
    ['n1', 'n2', 'n3'].map((node) => {
      const effect = { type: 'stopped', node, how: 'paused' } as const;
      return next({ words: `node pause ${node}`, by: 'nemesis pauses', effect });
    }),
  );
  for (const node of ['n1', 'n2', 'n3']) await target.control.pause(node);
  await does(nodeKill, 'n1');
  await does(nodeResume, 'n2');
  await does(nodeRestart, 'n3');
  expect(target.faults().map(({ words }) => words)).toEqual(['node pause n1']);
  context.close();
});
