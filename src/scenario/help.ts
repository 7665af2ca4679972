/** `help`: what commands there are, from their table. */
import { show } from '../core/show.js';
import { nearestWord } from '../core/suggest.js';
import { twoColumns } from '../render/two-columns.js';
import { type Command, commands, structures, usageOf } from './command-table.js';

/** Of the command or the topic that these words name; without any, of all. */
export function helpOn(topic: readonly string[], width: number): string {
  if (topic.length === 0) return overview(width);
  const name = topic.join(' ');
  const exact = commands.filter((command) => command.name === name);
  const found =
    exact.length > 0 ? exact : commands.filter((each) => each.name.startsWith(`${name} `));
  const [only] = found;
  if (found.length === 1 && only !== undefined) return details(only, width);
  if (found.length > 1)
    return twoColumns(
      found.map((each) => [usageOf(each), each.summary]),
      width,
    );
  const structure = structures.find((each) => each.name === name);
  if (structure !== undefined) return twoColumns([[structure.usage, structure.summary]], width);
  const known = [...commands, ...structures].map((each) => each.name);
  const meant = nearestWord(name, known);
  return `there is no command ${show(name)}${meant === null ? '' : `; did you mean ${meant}?`}\n`;
}

function overview(width: number): string {
  const rows = [
    ...commands
      .filter(({ standsFor }) => standsFor === undefined)
      .map((each) => [usageOf(each), each.summary] as const),
    ...structures.map(({ usage, summary }) => [usage, summary] as const),
    ['exit', 'leave; so does Ctrl-D'] as const,
  ];
  return twoColumns(rows, width);
}

function details(command: Command, width: number): string {
  const usage = twoColumns([[usageOf(command), command.summary]], width);
  if (command.flags.length === 0) return usage;
  const flags = command.flags.map(({ name, short, kind, summary }) => {
    const value = kind === 'switch' ? '' : ` ${kind === 'text' ? 'VALUE' : kind.toUpperCase()}`;
    return [`--${name}${short === undefined ? '' : `, -${short}`}${value}`, summary] as const;
  });
  return usage + twoColumns(flags, width);
}
