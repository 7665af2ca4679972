/** `kvx explore`, in words. */
import { argument, countFlag, switchFlag, textFlag } from './flags.js';
import { program } from './programs.js';

/** How often it may happen, on the whole. */
const atMost = (name: string, what: string) =>
  countFlag(name, `at most so many ${what} (as the small world has it)`, { min: 0, max: 9 });

export const exploreProgram = program({
  name: 'explore',
  summary: 'Try every order of delivery, loss, crash and timer in a small world.',
  description: [
    'Breadth-first over all that may come next for the nodes of a mode, with its real protocol, journals and durability: so a counterexample has the fewest moves there are. After every answer the history is judged at what the mode promises; nodes may never decide differently, nor stop; when nothing is under way, nothing acknowledged is lost.',
    'The counterexample is printed as a transcript: commands, and under them what they do. Small worlds: `kvx explore --list`. What counts as one state, and what the bounds leave out: docs/exploring.md.',
    '',
    'Exit code 0 when there is nothing else to try and nothing is wrong, 1 with a counterexample, 2 when a bound was reached before.',
  ].join('\n'),
  examples: ['explore 2pc-1', 'explore 2pc-1 --bug 2pc-vote-before-sync', 'explore --list'],
  arguments: [
    argument('WORLD', 'words', 'absent: that in which the bug shows, else the first of the mode', {
      optional: true,
    }),
  ],
  flags: [
    textFlag('mode', 'MODE', 'the first small world of this mode'),
    countFlag('nodes', 'how many, in place of those that it has', { char: 'n', min: 2, max: 7 }),
    countFlag('depth', 'end after so many moves', { default: '1000' }),
    countFlag('states', 'end after so many distinct states', {
      ...{ default: '1000000', max: 20_000_000 },
    }),
    atMost('crashes', 'power cuts and kills; nodes may start again at any time'),
    atMost('losses', 'messages lost'),
    atMost('duplicates', 'messages that come twice'),
    atMost('timers', 'timers that fire, each however early'),
    textFlag('bug', 'NAME', 'nodes make this mistake: `kvx run --list-bugs`'),
    textFlag('replay', 'FILE', 'search nothing: do the moves of this transcript once more'),
    switchFlag('same-names', 'tell states apart that differ in who is who, and in nothing else'),
    switchFlag('list', 'the small worlds there are'),
  ],
  ...{ only: 'command line', on: 'nothing' },
});
