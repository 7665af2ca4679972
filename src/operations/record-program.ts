import { historyFlag } from './bench-words.js';
import { countFlag, textFlag } from './flags.js';
import { onCommandLine, program } from './programs.js';

const portMax = 65_535;

export const recordProgram = program({
  name: 'record',
  summary: 'Write down what Redis clients ask and are told, for `kvx check` to judge.',
  description: [
    'Stands between clients and a RESP server: a node of a kvx cluster, or a real Redis. Bytes pass unchanged; what reads and writes strings is written down, with what is definite and what is not. Point the application at the port that is printed, and nothing else in it changes. Ends with Ctrl-C, and says what it has and has not recorded.',
    '',
    'All clients of the keys must go through it, and through the same one: `--to` several nodes opens a port for each. Passwords pass through and are never written down. What can and can not be judged: docs/redis.md.',
  ].join('\n'),
  examples: [
    'record --resp 7400 --history app.jsonl',
    'record --resp 7400 --to n1,n2 --history app.jsonl --duration 30s',
    'record --resp 7400 --to 127.0.0.1:6379 --history app.jsonl',
  ],
  flags: [
    countFlag('resp', 'where clients come: this port, the next for the second node…; 0: any', {
      ...{ min: 0, max: portMax, default: '7400' },
    }),
    textFlag(
      'to',
      'NODE|HOST:PORT',
      'what they reach there: nodes, or other servers; else all nodes',
      {
        multiple: true,
      },
    ),
    { ...historyFlag, description: 'where to; what is there is overwritten' },
    textFlag('duration', 'TIME', 'end after so long; else with Ctrl-C'),
  ],
  ...onCommandLine,
});
