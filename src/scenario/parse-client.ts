/** `client [NAME [at NODE,…]]` with its flags: who does what follows. */
import type { NodeId } from '../core/ids.js';
import { encodeUtf8 } from '../core/utf8.js';
import type { Asker } from '../operations/context.js';
import { checkArgument, checkName } from '../operations/given.js';
import { isWord, type Word, wordText } from '../operations/transaction-text.js';
import { commandNamed } from './command-table.js';
import type { KnownNames } from './known-names.js';
import { checkFlags, splitFlags, textsOf } from './parse-command.js';
import { at, LineError } from './script-lines.js';

const usage = 'client [NAME [at NODE,…]]';

/** `words` begin with `client`. Throws {@link LineError}. */
export function clientIn(words: readonly Word[], names: KnownNames): Asker {
  const known = (commandNamed('get')?.flags ?? []).filter(({ name }) => name !== 'node');
  const { positional, flags } = splitFlags(words.slice(1), known, 'client');
  checkFlags(flags, known, names);
  const [name, preposition, nodes, surplus] = positional;
  if (name !== undefined) checkClientName(name, names);
  if (preposition !== undefined && (!isWord(preposition, 'at') || nodes === undefined)) {
    throw new LineError(preposition.column, `expected \`${usage}\``);
  }
  if (surplus !== undefined) throw new LineError(surplus.column, `expected \`${usage}\``);
  return {
    name: name === undefined ? null : wordText(name),
    nodes: nodes === undefined ? null : nodesIn(nodes, names),
    flags: textsOf(flags),
  };
}

function checkClientName(word: Word, { nodes }: KnownNames): void {
  const name = wordText(word);
  at(word.column, () => checkName(name, 'client'));
  if (nodes?.includes(name) ?? false) {
    throw new LineError(word.column, `${name} is a node: a client needs a name of its own`);
  }
}

function nodesIn(word: Word, names: KnownNames): NodeId[] {
  const nodes = wordText(word).split(',');
  const argument = { name: 'NODE', kind: 'node' } as const;
  for (const node of nodes) {
    at(word.column, () => checkArgument(argument, encodeUtf8(node), names));
  }
  return nodes;
}
