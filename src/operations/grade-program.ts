import { argument, textFlag, timeoutFlag } from './flags.js';
import { onCommandLine, program } from './programs.js';

export const gradeProgram = program({
  name: 'grade',
  summary: 'Grade what submissions print for the scripts of a course.',
  description: [
    'Without --program each folder in FOLDER is a submission: scripts NAME.txt, and what they print in NAME.expected or NAME.out. With it each is a program: COMMAND runs in the folder, once for each script of --scripts, which it reads from standard input.',
    '',
    'Whatever an assignment leaves open is right: how far gossip got, which server a client asked, how clocks count. What no choice explains is wrong, with the line, what was printed, what would have been right, and why.',
    '',
    'Exit code 0: all right. 1: something is wrong, or a program failed. 2: nothing is wrong, but something is undecided. How it decides: docs/teachers.md.',
  ].join('\n'),
  examples: [
    'grade submissions --dialect cs380d',
    "grade teams --dialect cs380d --scripts tests --program './run.sh' --json",
  ],
  arguments: [argument('FOLDER', 'words', 'of submissions, or of scripts of one')],
  flags: [
    textFlag('dialect', 'NAME', 'whose scripts they are', {
      ...{ char: 'd', options: ['cs380d', 'cs425'], default: 'cs380d' },
    }),
    textFlag('scripts', 'FOLDER', 'the scripts that each program is given'),
    textFlag('program', 'COMMAND', 'how to start a submission, in its folder'),
    timeoutFlag('60s', 'how long a program may take for one script'),
  ],
  ...onCommandLine,
});
