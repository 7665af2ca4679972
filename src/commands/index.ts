/** Every command by oclif's id, made from the table of operations, a room of it at a time, when it is called for. */
import type { Command } from '@oclif/core/command';
import type { CommandProgram } from '../cli/command.js';
import type { OperationEntry } from '../operations/operation.js';

type Load = () => Promise<Command.Class>;

/** Of these ids, which a room of `operations/` exports; `program`: how the command line does it by itself. */
const made = (
  ids: string,
  load: () => Promise<object>,
  program?: () => Promise<{ readonly default: CommandProgram }>,
): [string, Load][] =>
  ids.split(' ').map((id) => [
    id,
    async () => {
      const { commandClass } = await import('../cli/command.js');
      const name = id.replace(':', ' ');
      const specs = Object.values(await load()) as Partial<OperationEntry>[];
      const spec = specs.find((each) => each.name === name && each.only !== 'scripts');
      if (spec === undefined) throw new Error(`no operation is called ${name}`);
      const made = commandClass(spec as OperationEntry, (await program?.())?.default);
      return made as unknown as Command.Class;
    },
  ]);

const programs = () => import('../operations/programs.js');

export const commands: ReadonlyMap<string, Load> = new Map([
  ...made('put get delete insert update cas txn', () => import('../operations/keys.js')),
  ...made('search dump verify stabilize', () => import('../operations/looks.js')),
  ...made(
    [
      'fault:partition fault:isolate fault:primary fault:bridge fault:ring',
      'fault:break fault:connect',
    ].join(' '),
    () => import('../operations/links.js'),
  ),
  ...made(
    [
      'fault:cut fault:delay fault:delays fault:drop',
      'fault:duplicate fault:reorder fault:bandwidth',
    ].join(' '),
    () => import('../operations/link-faults.js'),
  ),
  ...made('fault:heal', () => import('../operations/heal.js')),
  ...made('fault:list', () => import('../operations/fault-list.js')),
  ...made('fault:fail-rate', () => import('../operations/fail-rate.js')),
  ...made('fault:clock fault:slow fault:disk', () => import('../operations/node-faults.js')),
  ...made(
    'fault:nemesis',
    () => import('../operations/table.js'),
    () => import('../cli/programs/nemesis.js'),
  ),
  ...made(
    'node:kill node:restart node:pause node:resume node:add node:remove node:rejoin',
    () => import('../operations/nodes.js'),
  ),
  ...made('cluster:status node:status', () => import('../operations/status.js')),
  ...made('node:metrics', () => import('../operations/node-metrics.js')),
  ...made(
    'cluster:up cluster:down cluster:config cluster:list cluster:use',
    () => import('../operations/clusters.js'),
  ),
  ...made('cluster:logs', programs, () => import('../cli/programs/logs.js')),
  ...made('bench', programs, () => import('../cli/programs/bench.js')),
  ...made('check', programs, () => import('../cli/check-history.js')),
  ...made('compare', programs, () => import('../cli/programs/compare.js')),
  ...made(
    'completion',
    () => import('../operations/completion-program.js'),
    () => import('../cli/programs/completion.js'),
  ),
  ...made('demo', programs, () => import('../cli/programs/demo.js')),
  ...made(
    'explore',
    () => import('../operations/exploring.js'),
    () => import('../cli/programs/explore.js'),
  ),
  ...made(
    'doctor',
    () => import('../operations/doctor-program.js'),
    () => import('../cli/programs/doctor.js'),
  ),
  ...made(
    'grade',
    () => import('../operations/grade-program.js'),
    () => import('../cli/programs/grade.js'),
  ),
  ...made('help', programs, () => import('../cli/programs/help.js')),
  ...made(
    'lab',
    () => import('../operations/lab-program.js'),
    () => import('../cli/programs/lab.js'),
  ),
  ...made(
    'record',
    () => import('../operations/record-program.js'),
    () => import('../cli/programs/record.js'),
  ),
  ...made('run', programs, () => import('../cli/programs/run.js')),
  ...made(
    'schema',
    () => import('../operations/schema-program.js'),
    () => import('../cli/programs/schema.js'),
  ),
  ...made('shell', programs, () => import('../cli/programs/shell.js')),
  ...made(
    'sim',
    () => import('../operations/sim-program.js'),
    () => import('../cli/programs/sim.js'),
  ),
  ...made('trace', programs, () => import('../cli/programs/trace.js')),
]);
