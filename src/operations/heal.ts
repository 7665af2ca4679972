import { unknownWord } from '../core/suggest.js';
import type { ActiveFault } from '../faults/active.js';
import { nemesisNames } from '../faults/nemeses.js';
import { line } from '../render/page.js';
import { linksDocument, linksNow, linksPage } from './fault-list.js';
import { argument } from './flags.js';
import type { ChangedLinks } from './links.js';
import { operation } from './operation.js';
import { undoFaults } from './undo-faults.js';

/** What `fault heal` may name: a fault's number, the word after `fault` or `node`, or who made it. */
function isNamed({ id, words, by }: ActiveFault, name: string): boolean {
  return [String(id), words.split(' ')[1], by, ...by.split(' ')].includes(name);
}

/** The words after `fault`. Of these and of those below there may be none just now, and of a number no more. */
export const healableKinds: readonly string[] = [
  ...['partition', 'isolate', 'primary', 'bridge', 'ring', 'break', 'cut', 'connect'],
  ...['delay', 'delays', 'drop', 'duplicate', 'reorder', 'bandwidth'],
  ...['clock', 'slow', 'disk', 'fail-rate'],
];
const others = ['pause', 'kill', 'add', 'user', 'script', 'nemesis', ...nemesisNames];

export const faultHeal = operation<ChangedLinks>({
  name: 'fault heal',
  summary: 'Take faults away, all or those named; then the topology is again as configured.',
  description: [
    'By number (`fault heal 3`), by kind (`fault heal delay`), or by who made them (`fault heal nemesis`): see `kvx fault list`.',
    'Delays that the cluster was started with stay. Nodes that a nemesis stopped run again, and those that it added go.',
  ].join('\n'),
  examples: ['fault heal', 'fault heal 3 delay', '$kvx fault heal && $kvx verify'],
  arguments: [
    argument('FAULT', 'words', 'numbers, kinds or authors of faults; absent: all', {
      ...{ rest: true, optional: true },
    }),
  ],
  capabilities: ['cut links'],
  run: async ({ context, given }) => {
    const { target } = context;
    const wanted = given.texts('FAULT');
    const before = target.faults();
    for (const name of wanted) checkHealable(name, before);
    const isMeant = (fault: ActiveFault): boolean =>
      wanted.length === 0 || wanted.some((name) => isNamed(fault, name));
    await undoFaults(target, isMeant, context.signal);
    return { ...linksNow(context), told: healedText(before.filter(isMeant), before.length) };
  },
  json: (links) => ({ ...linksDocument(links), did: links.told }),
  page: (links, how) => [line(links.told), ...linksPage(links, how)],
});

function checkHealable(name: string, faults: readonly ActiveFault[]): void {
  const kinds = [...healableKinds, ...others];
  if (/^\d+$/.test(name) || kinds.includes(name)) return;
  if (faults.some((fault) => isNamed(fault, name))) return;
  const hint = '`kvx fault list` shows those that are on.';
  throw unknownWord('there is no fault called', name, kinds, hint);
}

const healedShownMax = 4;

function healedText(healed: readonly ActiveFault[], count: number): string {
  if (healed.length === 0) return count === 0 ? 'no fault was on' : 'no such fault was on';
  const words = healed.slice(0, healedShownMax).map((fault) => fault.words);
  const more = healed.length - words.length;
  return `healed: ${words.join('; ')}${more === 0 ? '' : `; and ${more} more`}`;
}
