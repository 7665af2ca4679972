/** Commands whose second word says what is to be done: CLIENT, CONFIG, CLUSTER, COMMAND. */
import type { PlainCommand, RespClient, Subcommand } from '../command.js';
import type { Words } from '../parser.js';
import { array, type RespReply } from '../replies.js';
import { upperWord } from '../words.js';

type Head = Omit<PlainCommand, 'kind' | 'run' | 'subcommands' | 'arity' | 'keys'>;

/** One that says itself what its subcommands are. `alone`: what it does without one. */
export function containerCommand(
  head: Head,
  own: readonly Subcommand[],
  alone?: (client: RespClient) => RespReply,
): PlainCommand {
  const help: Subcommand = {
    ...{ name: 'HELP', arity: 2, flags: ['loading', 'stale'], summary: 'Prints this help.' },
    run: () => array(helpOf(head.name, subcommands).map((text) => ({ type: 'simple', text }))),
  };
  const subcommands = [...own, help];
  return {
    ...head,
    ...{ kind: 'plain', arity: alone === undefined ? -2 : -1, keys: [0, 0, 0], subcommands },
    run(words, client) {
      const sub = subcommandOf(subcommands, words);
      if (sub === undefined) return (alone as (client: RespClient) => RespReply)(client);
      client.lastCommand = `${head.name}|${sub.name}`;
      return sub.run(words, client);
    },
  };
}

const subcommandOf = (subcommands: readonly Subcommand[], [, name]: Words) =>
  name === undefined ? undefined : subcommands.find((each) => each.name === upperWord(name));

/** What is wrong with the words after the name, as {@link problemWithWords} says it. */
export function problemWithSubcommand(
  { name, subcommands = [] }: Pick<PlainCommand, 'name' | 'subcommands'>,
  words: Words,
): string | null {
  if (words.length < 2) return null;
  const sub = subcommandOf(subcommands, words);
  if (sub === undefined) {
    const shown = String.fromCharCode(...(words[1] as Uint8Array).subarray(0, 128));
    return `ERR unknown subcommand '${shown}'. Try ${name} HELP.`;
  }
  if (fitsArity(sub.arity, words.length)) return null;
  return `ERR wrong number of arguments for '${name}|${sub.name}' command`.replace(
    /'.*'/,
    (quoted) => quoted.toLowerCase(),
  );
}

export const fitsArity = (arity: number, count: number): boolean =>
  arity >= 0 ? count === arity : count >= -arity;

function helpOf(name: string, subcommands: readonly Subcommand[]): string[] {
  return [
    `${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...subcommands.flatMap(({ name: sub, takes, summary }) => [
      takes === undefined ? sub : `${sub} ${takes}`,
      `    ${summary}`,
    ]),
  ];
}
