/** All commands, by name. */
import type { Command, RespClient } from '../command.js';
import type { Words } from '../parser.js';
import { clientCommand } from './client.js';
import { connectionCommands } from './connection.js';
import { fitsArity, problemWithSubcommand } from './container.js';
import { genericCommands } from './generic.js';
import { introspectionCommand } from './introspection.js';
import { keyspaceCommands } from './keyspace.js';
import { kvxCommands } from './kvx.js';
import { numberCommands } from './numbers.js';
import { serverCommands } from './server.js';
import { stringCommands } from './strings.js';
import { transactionCommands } from './transactions.js';

export const respCommands: readonly Command[] = [
  ...connectionCommands,
  clientCommand,
  ...stringCommands,
  ...numberCommands,
  ...genericCommands,
  ...transactionCommands,
  ...keyspaceCommands,
  ...serverCommands,
  introspectionCommand(() => respCommands),
  ...kvxCommands,
];

const byName = new Map(respCommands.map((command) => [command.name, command]));
const nameCharsMax = 32;

export function respCommandNamed(word: Uint8Array): Command | null {
  if (word.length > nameCharsMax) return null;
  return byName.get(String.fromCharCode(...word).toUpperCase()) ?? null;
}

/** The error reply to a command that is not even tried, `null` when there is nothing against it. */
export function problemWithWords(
  command: Command | null,
  words: Words,
  { isTrusted }: RespClient,
): string | null {
  if (command === null) {
    const [name = '', ...rest] = words.map((word) => String.fromCharCode(...word.subarray(0, 128)));
    const shown = rest.map((word) => `'${word}' `).join('');
    return `ERR unknown command '${name}', with args beginning with: ${shown}`;
  }
  const { name, arity } = command;
  const wrong = command.subcommands === undefined ? null : problemWithSubcommand(command, words);
  if (wrong !== null) return wrong;
  if (!fitsArity(arity, words.length)) {
    return `ERR wrong number of arguments for '${name.toLowerCase()}' command`;
  }
  if (isTrusted || (command.kind === 'plain' && command.isForStrangers)) return null;
  return 'NOAUTH Authentication required.';
}
