/** The table of commands in docs/redis.md is what nodes of each mode say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DataCommand } from '../../src/resp/command.js';
import { respCommandNamed, respCommands } from '../../src/resp/commands/index.js';
import { redisCaseFiles } from './cases/files.js';
import { namesIn } from './cases/redis-case.js';
import { RespSimulation, type SimRespClient } from './sim-cluster.js';

const text = readFileSync(join(import.meta.dirname, '../../docs/redis.md'), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => /^\| `[A-Z.]+`/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const cellsOf = new Map(
  rows.flatMap(([, names = '', ...cells]) =>
    [...names.matchAll(/`([A-Z.]+)`/g)].map(([, name]) => [name as string, cells]),
  ),
);

/** With one key, or two where there may be several. */
function wordsFor({ name, arity, keys: [, last, step] }: DataCommand, keys: readonly string[]) {
  const rest = last < 0 ? step - 1 : Math.abs(arity) - 2;
  return [name, ...keys.flatMap((key) => [key, ...new Array<string>(rest).fill('1')])];
}

async function takes(client: SimRespClient, words: readonly string[]): Promise<boolean> {
  const said = await client.ask(words);
  const isRefused = typeof said === 'string' && said.includes('is not atomic in mode');
  expect(isRefused || typeof said !== 'string' || !said.startsWith('-'), `${words}: ${said}`).toBe(
    true,
  );
  return !isRefused;
}

async function servedAs(command: DataCommand, client: SimRespClient): Promise<string> {
  const one = await takes(client, wordsFor(command, ['k']));
  if (command.keys[1] > 0) return one ? 'yes' : 'no';
  const both = await takes(client, wordsFor(command, ['k', 'l']));
  if (both) return 'key by key';
  return one ? 'one key' : 'no';
}

const dataCommands = respCommands.filter((command) => command.kind === 'data');

it('has every command, and none that is not there', () => {
  const missing = respCommands.map(({ name }) => name).filter((name) => !cellsOf.has(name));
  expect(missing).toEqual([]);
  const unknown = [...cellsOf.keys()].filter(
    (name) => respCommandNamed(Buffer.from(name)) === null,
  );
  expect(unknown).toEqual([]);
});

it.each(['quorum', 'gossip'])('says what mode %s takes', async (mode) => {
  const client = await new RespSimulation(mode, 1).connect('n2');
  for (const command of dataCommands) {
    const { name } = command;
    expect([name, await servedAs(command, client)]).toEqual([name, cellsOf.get(name)?.[1]]);
  }
});

it.each(['2pc', 'paxos'])('says that in mode %s all of it is atomic', async (mode) => {
  const client = await new RespSimulation(mode, 1).connect('n2');
  for (const command of dataCommands) {
    expect(await servedAs(command, client)).toMatch(/^(?:yes|key by key)$/);
    expect(cellsOf.get(command.name)?.[0]).toBe('atomic');
  }
});

it.each(redisCaseFiles)('counts the cases of $file', (cases) => {
  const { file, count, holding, different, beside } = cases;
  const [has, holds, not] = [
    count - namesIn(beside).length,
    holding.length,
    namesIn(different).length,
  ];
  expect(text).toContain(`| \`${file}\` | ${count} | ${has} | ${holds} | ${not}`);
});
