import { argument } from './flags.js';
import { onCommandLine, program } from './programs.js';

export const schemaProgram = program({
  name: 'schema',
  summary: 'Print the JSON Schema of what a command prints with --json.',
  description:
    'All that it refers to is in it, so that it can be handed to a validator as it is. Its $id ends with its version. Without COMMAND: which there are; `error` is what any command prints that fails.',
  examples: ['schema get', 'schema cluster status > status.schema.json', 'schema --json'],
  arguments: [argument('COMMAND', 'words', 'which', { optional: true, rest: true })],
  ...onCommandLine,
});
