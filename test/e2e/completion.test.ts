import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

const home = sandbox.home;
const here = { HOME: home };

test('prints the script of a shell, and refuses others by name', () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { status, document } = sandbox.json(['completion', shell]);
    expect({ status, document }).toMatchObject({ status: 0, document: { shell } });
    expect(document.script).toContain(`complete ${shell}`);
  }
  expect(sandbox.run(['completion', 'fihs'])).toMatchObject({
    status: 64,
    stderr: expect.stringMatching(/SHELL can't be .*fihs.*, did you mean fish\?/),
  });
  expect(sandbox.run(['completion']).status).toBe(64);
});

test('is installed once, however often it is done', () => {
  writeFileSync(join(home, '.bashrc'), 'alias x=y');
  const install = (shell: string) => {
    const { stdout } = sandbox.run(['completion', shell, '--install', '--json'], '', here);
    return JSON.parse(stdout);
  };
  const file = join(home, '.local/share/kvx/completion.bash');
  const readBy = join(home, '.bashrc');
  expect(install('bash')).toEqual({ shell: 'bash', file, readBy, added: true });
  const first = readFileSync(readBy, 'utf8');
  expect(first).toBe(`alias x=y\n[ -r '${file}' ] && . '${file}'  # completion of kvx\n`);
  expect(install('bash')).toMatchObject({ added: false });
  expect(readFileSync(readBy, 'utf8')).toBe(first);
  const forFish = join(home, '.config/fish/completions/kvx.fish');
  expect(install('fish')).toEqual({ shell: 'fish', file: forFish, readBy: null, added: false });
  const { stdout } = sandbox.run(['completion', 'zsh', '--install'], '', here);
  expect(stdout).toContain(`${join(home, '.zshrc')} reads it from now on\n`);
});
