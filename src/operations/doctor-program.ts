import { onCommandLine, program } from './programs.js';

export const doctorProgram = program({
  name: 'doctor',
  summary: 'Look for what keeps kvx from working on this machine, and say what to do.',
  description: [
    'Node.js, cores, memory, clock and open files; the folders of state and of sockets: whose they are, what they are on, how long paths get, how fast the disk syncs; clusters: broken, ended, of another version, with ports that others have; what was left behind: runs, locks, sockets, processes; how kvx is installed.',
    'It changes nothing. Behind an arrow is what to type. Exit code 1 when there is a problem, 0 when there are warnings at most.',
  ].join('\n'),
  examples: ['doctor', 'doctor --json'],
  ...onCommandLine,
});
