import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { released } from '../scripts/changelog.js';
import { manPage } from '../scripts/man.js';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the changelog', () => {
  const text = read('CHANGELOG.md');

  test('moves what is unreleased below the version', () => {
    const now = released(text, '9.0.0', '2030-01-02');
    expect(now).toContain('\n## [Unreleased]\n\n## [9.0.0] - 2030-01-02\n\n');
    expect(now.replace('## [9.0.0] - 2030-01-02\n\n', '')).toBe(text);
  });

  test('is not released twice, nor empty', () => {
    const once = released(text, '9.0.0', '2030-01-02');
    expect(() => released(once, '9.1.0', '2030-01-03')).toThrow('nothing under ## [Unreleased]');
    const more = once.replace('## [Unreleased]\n', '## [Unreleased]\n\n- A thing.\n');
    expect(() => released(more, '9.0.0', '2030-01-03')).toThrow('has a 9.0.0 already');
    expect(() => released('# Changelog\n', '9.0.0', '2030-01-03')).toThrow('no heading');
  });
});

describe('the man page', () => {
  const manifest = JSON.parse(read('oclif.manifest.json'));
  const page = manPage(root, manifest);

  test('has every command, with what it takes and its examples', () => {
    const shown = page.replaceAll('\\-', '-');
    for (const id of Object.keys(manifest.commands)) {
      expect(shown).toContain(`.SS "kvx ${id.replaceAll(':', ' ')}`);
    }
    expect(shown).toContain('\\fB-C\\fR, \\fB--cluster\\fR \\fINAME\\fR');
    expect(shown).toContain('\nkvx fault delay "n1>n3" 20ms\n');
    for (const [name, says] of [
      ['KVX_HOME', 'where clusters are kept'],
      ['130', 'interrupted'],
    ]) {
      expect(shown).toContain(`.TP\n\\fB${name}\\fR\n${says}`);
    }
  });

  // apt-get install mandoc; in CI it must be there.
  const isMissing = !process.env['CI'] && spawnSync('mandoc', ['-h']).error !== undefined;
  test.skipIf(isMissing)('is sound to mandoc, a date aside', () => {
    const { stdout, error } = spawnSync('mandoc', ['-T', 'lint'], {
      input: page,
      encoding: 'utf8',
    });
    expect(error).toBeUndefined();
    const problems = stdout
      .split('\n')
      .filter((each) => !/^$|missing date|longer than 80/.test(each));
    expect(problems).toEqual([]);
  });
});
