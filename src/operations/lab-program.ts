import { argument, countFlag, seedFlag, switchFlag, textFlag } from './flags.js';
import { onCommandLine, program } from './programs.js';

const portMax = 65_535;

export const labProgram = program({
  name: 'lab',
  summary: 'Open the laboratory: run, break and rewind scenarios in one page of a browser.',
  description: [
    'The real protocols, simulator and checker in one HTML file that asks for nothing else. Edit a scenario, step through its run forwards and backwards, lose a message or kill a node at a moment, and see which consistency is left. What is done in the page is a line of the scenario, so `kvx run --runtime sim` does the same.',
    '',
    'With --out it writes that file, which opens without kvx, too. Else it serves it on 127.0.0.1, opens a browser where there is one, and ends with Ctrl-C. A file that `kvx sim` has shrunk is opened with the seed and the bug that it names.',
  ].join('\n'),
  examples: [
    'lab',
    'lab zoo/quorum-no-overlap',
    'lab mine.kvx --seed 7 --port 8080 --no-open',
    'lab stale-read --out lab.html',
  ],
  arguments: [
    argument('SCENARIO', 'words', 'a script, a scenario by name, or - for standard input', {
      optional: true,
    }),
  ],
  flags: [
    textFlag('out', 'FILE', 'write the page there, and serve nothing'),
    textFlag(
      'mode',
      'MODULE',
      'a mode of your own that the page is to have, too, such as ./mine.js',
      {
        ...{ char: 'm', multiple: true },
      },
    ),
    seedFlag('of its runs; else what the scenario names, or 1'),
    textFlag('bug', 'NAME', 'nodes make this mistake: a name of `kvx run --list-bugs`'),
    countFlag('port', 'where it is served; 0: any that is free', {
      ...{ min: 0, max: portMax, default: '0' },
    }),
    switchFlag('no-open', 'open no browser'),
  ],
  ...onCommandLine,
});
