/**
 * Every command by oclif's id, loaded when called for: those made from the table of operations, a room of them at a time,
 * and those that are more than one operation.
 */
import type { Command } from '@oclif/core/command';
import type { OperationEntry } from '../operations/operation.js';

type Load = () => Promise<Command.Class>;

/** The operations of these ids, which a room of `operations/` exports. */
function made(ids: string, load: () => Promise<object>): [string, Load][] {
  return ids.split(' ').map((id) => [
    id,
    async () => {
      const { commandClass } = await import('../cli/operation-command.js');
      const name = id.replace(':', ' ');
      const specs = Object.values(await load()) as Partial<OperationEntry>[];
      const spec = specs.find((each) => each.name === name && each.only !== 'scripts');
      if (spec === undefined) throw new Error(`no operation is called ${name}`);
      return commandClass(spec as OperationEntry) as unknown as Command.Class;
    },
  ]);
}

const own = (id: string, load: () => Promise<{ readonly default: unknown }>): [string, Load] => [
  id,
  async () => (await load()).default as Command.Class,
];

export const commands: ReadonlyMap<string, Load> = new Map([
  ...made('put get delete insert update cas txn', () => import('../operations/keys.js')),
  ...made('search dump verify stabilize', () => import('../operations/looks.js')),
  ...made(
    'fault:partition fault:isolate fault:break fault:connect fault:heal fault:list',
    () => import('../operations/links.js'),
  ),
  ...made('fault:fail-rate', () => import('../operations/fail-rates.js')),
  ...made(
    'node:kill node:restart node:pause node:resume node:add node:remove node:rejoin',
    () => import('../operations/nodes.js'),
  ),
  ...made('cluster:status node:status', () => import('../operations/status.js')),
  ...made(
    'cluster:up cluster:down cluster:list cluster:use',
    () => import('../operations/clusters.js'),
  ),
  ...made('cluster:config', () => import('../operations/config.js')),
  own('cluster:logs', () => import('./cluster/logs.js')),
  own('bench', () => import('./bench.js')),
  own('check', () => import('./check.js')),
  own('demo', () => import('./demo.js')),
  own('help', () => import('./help.js')),
  own('run', () => import('./run.js')),
  own('shell', () => import('./shell.js')),
]);
