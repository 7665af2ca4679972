/** `npm version` calls it: what is under *Unreleased* in CHANGELOG.md goes below the version that package.json says now, and the date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const heading = '## [Unreleased]';

/** @param {string} text @param {string} version @param {string} date */
export function released(text, version, date) {
  const at = text.indexOf(`\n${heading}\n`);
  if (at === -1) throw new Error(`CHANGELOG.md has no heading ${heading}`);
  const begins = at + heading.length + 2;
  const rest = text.slice(begins);
  const [told = ''] = rest.split(/^(?:## |\[[^\]]+\]: )/m);
  if (!/^- /m.test(told)) throw new Error(`CHANGELOG.md has nothing under ${heading}`);
  if (text.includes(`\n## [${version}]`)) throw new Error(`CHANGELOG.md has a ${version} already`);
  return `${text.slice(0, begins)}\n## [${version}] - ${date}\n${rest}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const file = join(root, 'CHANGELOG.md');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const today = new Date().toISOString().slice(0, 10);
  try {
    writeFileSync(file, released(readFileSync(file, 'utf8'), version, today));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
