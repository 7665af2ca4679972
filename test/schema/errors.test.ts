/** Every command that is typed wrong prints an error that its schema knows. */
import { join } from 'node:path';
import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import { afterEach, expect, test, vi } from 'vitest';
import { commandClass } from '../../src/cli/command.js';
import { operations } from '../../src/operations/table.js';
import { checkDocuments } from './documents.js';

const root = join(import.meta.dirname, '../..');

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

test('of every command there is a document of an error', async () => {
  const config = await Config.load({ root });
  vi.spyOn(process, 'emitWarning').mockReturnValue();
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  for (const spec of operations.filter(({ only }) => only !== 'scripts')) {
    const command = commandClass(spec);
    command.id = spec.name.replaceAll(' ', ':');
    printed = '';
    await (command as unknown as Command.Class).run(['--nonsense', '--json'], config);
    expect(printed).toContain('there is no flag --nonsense');
    expect(process.exitCode).toBe(64);
    checkDocuments([...spec.name.split(' '), '--json'], printed);
  }
});
