import { faultNames } from '../faults/fault.js';
import { modeNames } from '../protocols/catalog.js';
import { orderNames } from '../sim/event-order.js';
import { reportFlag } from './bench-words.js';
import { countFlag, seedFlag, switchFlag, textFlag } from './flags.js';
import { onCommandLine, program } from './programs.js';

export const seedsDefault = '1..100';

const several = { multiple: true } as const;

export const simProgram = program({
  name: 'sim',
  summary:
    'Simulate clusters under faults, one run a seed; print what failed and how to replay it.',
  description: [
    'All of a run is drawn from its seed: nodes, clients, keys, what is asked at which levels, sessions, the network, the options of the mode, and faults of a random subset of all kinds. First clients work under faults; then, in half of the runs, a core that is enough must go on while the rest stays broken; then all is healed and replicas must agree. What clients saw is judged by the strongest model that the mode promises.',
    '',
    `Faults: ${faultNames.join(', ')}.`,
    'With one --seed it prints what was drawn. The same seed is the same run, event by event, however many threads there are.',
    'Exit code 0: none failed; 1: one failed; 2: none failed, but of some the judge does not know. docs/simulation.md says more.',
  ].join('\n'),
  examples: [
    'sim --mode paxos --seed 7',
    'sim --mode 2pc,gossip --seeds 4 --coverage',
    'sim --mode quorum --for 1s --faults kill,split,clock-jump',
    'sim --seeds 2 --focus "worker: in doubt:crash"',
    'sim --mode paxos --seeds 3 --nemesis leader,kills --order pct',
  ],
  flags: [
    textFlag('mode', 'MODE', `of ${modeNames.join(', ')}; absent: all`, { char: 'm', ...several }),
    countFlag('nodes', 'how many nodes; else drawn', { char: 'n', max: 16 }),
    textFlag('seeds', '1..100', `one run of each mode under each of these; else ${seedsDefault}`),
    seedFlag('this one alone, and what was drawn from it'),
    textFlag('for', 'TIME', 'go on with further seeds for so long, from a random one on'),
    textFlag('faults', 'KINDS', 'only these kinds of fault, such as kill,split; none: no faults', {
      ...several,
    }),
    textFlag('nemesis', 'NAMES', 'instead (or beside --faults) names of `fault nemesis --list`', {
      ...several,
    }),
    textFlag('focus', 'PHASE:FAULT', 'such faults wait for a node in that phase: of --coverage'),
    textFlag('order', 'ORDER', 'which event comes first: delay, pos or pct; else drawn', {
      options: orderNames,
    }),
    textFlag('bug', 'NAME', 'nodes make this mistake: a name of `kvx run --list-bugs`'),
    textFlag('option', 'NAME=VALUE', 'a setting of the mode, instead of a drawn one', {
      char: 'o',
      ...several,
    }),
    countFlag('threads', 'how many seeds run at a time; else one a processor', { max: 256 }),
    textFlag('out', 'FOLDER', 'shrink the first failure of each mode, and write it down there'),
    switchFlag('shrink', 'shrink and print it; done without being asked on a terminal'),
    switchFlag('no-shrink', 'shrink nothing'),
    switchFlag('zoo', 'plant each known mistake in turn, until a seed fails (of 1..2000)'),
    switchFlag('coverage', 'which phases of the protocol met which faults, how often'),
    { ...reportFlag, description: `${reportFlag.description}; shrinks the first failure` },
  ],
  ...onCommandLine,
});
