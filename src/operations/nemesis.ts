/** `fault nemesis`: faults that come and go by themselves while others use the cluster. */

import { formatDuration, toDuration } from '../config/duration.js';
import { interrupted, KvxError, usageError } from '../core/errors.js';
import { invariant } from '../core/invariant.js';
import { quantity } from '../core/show.js';
import {
  checkNemesis,
  everyDefault,
  everything,
  type NemesisName,
  nemeses,
  nemesisNames,
  nemesisSummaries,
} from '../faults/nemeses.js';
import { profileOf } from '../protocols/catalog.js';
import { featureProblem } from '../protocols/refusals.js';
import { type Page, remark, table } from '../render/page.js';
import { checkCapable, type Target } from '../targets/target.js';
import { argument, durationFlag, seedFlag, switchFlag, textFlag } from './flags.js';
import {
  isOfNemesis,
  type NemesisEvent,
  type NemesisReport,
  type NemesisSetup,
  runNemesis,
} from './nemesis-run.js';
import { scriptOf } from './nemesis-script.js';
import { type OperationCall, type OperationEntry, operation } from './operation.js';

export const nemesisList = {
  json: () => ({ nemeses: nemesisSummaries.map(([name, summary]) => ({ name, summary })) }),
  page: (): Page => [table(['NEMESIS', 'DOES'], nemesisSummaries, 'wrapped')],
};

/** Throws a definite `bad-request` unless the mode and the target have all that it needs. */
function checkHas(name: NemesisName, target: Target, operations: readonly OperationEntry[]): void {
  invariant(target.spec !== null, 'the cluster is up');
  for (const used of nemeses[name].uses) {
    const operation = operations.find((each) => each.name === used);
    invariant(operation !== undefined, `${used} is an operation`);
    checkCapable(target, `fault nemesis ${name}`, operation.capabilities ?? []);
  }
  const { feature } = nemeses[name];
  const lacks = feature === undefined ? null : featureProblem(profileOf(target.spec.mode), feature);
  if (lacks !== null) throw usageError(lacks);
}

/** As `kvx fault nemesis` and `kvx bench --nemesis` are told it. */
export interface NemesisWords {
  readonly names: readonly string[];
  readonly every?: string | undefined;
  /** Absent: until its signal is aborted. */
  readonly for?: string | undefined;
  /** Absent: drawn. */
  readonly seed?: number | undefined;
}

/** Throws a definite `bad-request` for what can't be meant of this target. */
export function planNemesis(
  target: Target,
  operations: readonly OperationEntry[],
  words: NemesisWords,
): Pick<NemesisSetup, 'target' | 'operations' | 'names' | 'everyMs' | 'forMs' | 'seed'> {
  for (const name of words.names) checkNemesis(name);
  const named = nemesisNames.filter((name) => words.names.includes(name));
  for (const name of named) checkHas(name, target, operations);
  const has = (name: NemesisName): boolean => {
    try {
      checkHas(name, target, operations);
      return true;
    } catch (error) {
      if (error instanceof KvxError) return false;
      throw error;
    }
  };
  return {
    ...{ target, operations },
    names: words.names.includes(everything) ? nemesisNames.filter(has) : named,
    everyMs: toDuration(words.every ?? everyDefault, '--every'),
    forMs: words.for === undefined ? Number.POSITIVE_INFINITY : toDuration(words.for, '--for'),
    seed: words.seed ?? Math.floor(target.timing.random() * 2 ** 31),
  };
}

/** Such as `  2.9 s  end     halves  fault partition n1,n4/n2,n3`. */
export function nemesisEventLine({ atMs, change, by, words, why }: NemesisEvent): string {
  const at = `${(atMs / 1000).toFixed(1)} s`.padStart(8);
  const reason = why === null ? '' : `: ${why}`;
  const name = by.replace(/^nemesis /, '').padEnd(10);
  return `${at}  ${change.padEnd(6)}  ${name}  ${words.join('; ')}${reason}`;
}

export function nemesisEventDocument({ script: _, why, ...event }: NemesisEvent): unknown {
  return why === null ? event : { ...event, why };
}

type Nemesis = 'list' | (NemesisReport & { readonly nemeses: readonly string[] });

/** `operations`: those that nemeses may do. */
export const nemesisOperation = (operations: readonly OperationEntry[]): OperationEntry =>
  operation<Nemesis>({
    name: 'fault nemesis',
    summary: 'Break the cluster again and again, and mend it, until stopped.',
    description: [
      'The first fault comes at once. What is broken is on the list (`kvx fault list`) before it is done. When its time is over, or it is interrupted, it undoes all that is its own; what one leaves that was killed itself, `kvx fault heal` undoes, and so does the next one.',
      'Of several, any may come next. One command at a time does this to a cluster.',
    ].join('\n'),
    examples: [
      'fault nemesis --list',
      'fault nemesis halves kills --every 2s --for 10s',
      'fault nemesis everything --for 20s --seed 7 --save seven.kvx',
    ],
    arguments: [
      argument('NAME', 'nemesis', 'one or more of --list', { optional: true, rest: true }),
    ],
    flags: [
      durationFlag('every', 'how often a fault begins', { default: everyDefault }),
      durationFlag('for', 'for how long; else until it is interrupted'),
      seedFlag('the same faults of the same cluster again (default: drawn, and told)'),
      textFlag('save', 'FILE', 'also write what it does as a scenario, for `kvx run FILE`', {
        commandLineOnly: true,
      }),
      switchFlag('list', 'the nemeses that there are'),
    ],
    // What it did, it has told line by line, and undone.
    changes: false,
    run: (call) => (call.given.has('list') ? Promise.resolve('list') : runCalled(call, operations)),
    json: (report) => (report === 'list' ? nemesisList.json() : report),
    page: (report) => {
      if (report === 'list') return nemesisList.page();
      const { faultCount, failedCount, elapsedMs } = report;
      const failed = failedCount === 0 ? '' : `, ${failedCount} of them failed`;
      const sum = `${quantity(faultCount, 'fault')} in ${formatDuration(elapsedMs)}${failed}`;
      return [remark(`${sum}; all are undone.`)];
    },
  });

async function runCalled(
  { context, given, tell }: OperationCall,
  operations: readonly OperationEntry[],
): Promise<Nemesis> {
  const { target, spec, signal, host } = context;
  const names = given.texts('NAME');
  if (names.length === 0) throw usageError('which nemesis?', 'See `kvx fault nemesis --list`.');
  const seed = given.flag('seed');
  const every = given.flag('every');
  const plan = planNemesis(target, operations, {
    ...{ names, every, for: given.flag('for') },
    seed: seed === undefined ? undefined : Number(seed),
  });
  if (target.runtime === 'sim' && plan.forMs === Number.POSITIVE_INFINITY) {
    throw usageError('in the simulator nobody stops it: say --for 60s');
  }
  const words = ['fault nemesis', ...names, `--every ${every}`, `--seed ${plan.seed}`].join(' ');
  const file = given.flag('save');
  const before = target.faults().filter((fault) => !isOfNemesis(fault));
  const events: NemesisEvent[] = [];
  const save = (): void => {
    if (file === undefined || host === null) return;
    const standing = before.map((fault) => fault.words);
    host.save(file, scriptOf(`kvx ${words}`, spec, standing, events));
  };
  save();
  tell(words, { nemeses: names, everyMs: plan.everyMs, seed: plan.seed });
  const report = await runNemesis({
    ...{ ...plan, signal },
    tell: (event) => {
      tell(nemesisEventLine(event), nemesisEventDocument(event));
      if (file === undefined || event.script.length === 0) return;
      events.push(event);
      save();
    },
  });
  if (signal.aborted) throw interrupted();
  return { nemeses: names, ...report };
}
