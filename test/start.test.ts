/** The command line as built: bin/run.js with dist, in a process of its own. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

function run(file: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, file), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return { status, stdout, stderr };
}

test('says its version', () => {
  const version = expect.stringMatching(/^kvx\/\d+\.\d+\.\d+ /);
  expect(run('bin/run.js', '--version')).toEqual({ status: 0, stdout: version, stderr: '' });
});

test('a command that is none is a usage error', () => {
  const { status, stdout, stderr } = run('bin/run.js', 'nosuchcommand');
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toContain('nosuchcommand');
});

test('starts from the code cache that the build made', () => {
  const script = `
    const { boot, scripts } = require(process.argv[1]);
    boot();
    for (const { script } of scripts.values()) console.log(script.cachedDataRejected);`;
  const { stdout } = spawnSync(process.execPath, ['-e', script, join(root, 'bin/boot.js')], {
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/^(false\n)+$/);
});
