import { argument, switchFlag } from './flags.js';
import { onCommandLine, program } from './programs.js';

export const shellNames = ['bash', 'zsh', 'fish'] as const;
export type ShellName = (typeof shellNames)[number];

export const completionProgram = program({
  name: 'completion',
  summary: 'Print what makes the Tab key of bash, zsh or fish know kvx.',
  description: [
    'Commands, flags and their values; clusters, nodes and sessions that are there; levels, messages and settings that the mode has; scenarios, bugs, small worlds, files.',
    'For the shell that runs: bash and zsh, `source <(kvx completion bash)`; fish, `kvx completion fish | source`. --install does it for every shell that is started from now on: it writes the script into a file ($XDG_DATA_HOME/kvx, or where fish looks) and has ~/.bashrc or ~/.zshrc read it. It may be done again at any time.',
  ].join('\n'),
  examples: ['completion bash', 'completion fish > kvx.fish', 'completion zsh --install'],
  arguments: [argument('SHELL', 'words', 'bash, zsh or fish', { options: shellNames })],
  flags: [switchFlag('install', 'for every shell that starts from now on', { typedOnly: true })],
  ...onCommandLine,
  changes: true,
});
