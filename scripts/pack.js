/**
 * Before `npm pack`: makes what is built small. Scripts lose blanks, comments and the names of their variables; functions and
 * classes keep theirs, for stack traces. Pages are compressed. Every file keeps its name and what it exports, so whatever
 * runs goes on; the next build makes all of it readable again.
 */
import {
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { minifySync } from 'rolldown/experimental';
import { inAscii } from './in-ascii.js';
import { parse, walk } from './source-file.js';

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist');
const keepNames = { function: true, class: true };

/** What `kvx explore` looks into by the names that it has. */
const keepsNames = /\bsrc\/(?:protocols|runtime|sim)\//;

/** @param {string} path */
function isLookedInto(path) {
  const map = `${path}.map`;
  if (!existsSync(map)) return false;
  const { sources } = JSON.parse(readFileSync(map, 'utf8'));
  return sources.some((/** @type {string} */ source) => keepsNames.test(source));
}

/** Of a script, what stands at its top is seen by nobody but itself; Node looks for `exports` by that name. */
const mangle = { keepNames, toplevel: true, reserved: ['exports', 'module'] };

const prefix = '_$private_';

/**
 * Private names as properties, which nobody renames, and back: what else is in those scripts may be.
 * @param {string} name @param {string} script
 */
function withoutPrivateNames(name, script) {
  /** @type {number[]} */
  const places = [];
  walk(parse(script, name), (node) => {
    if (node.type === 'PrivateIdentifier') places.push(node.start);
    if (node.type === 'BinaryExpression' && node['left'].type === 'PrivateIdentifier') {
      throw new Error(`${name}: a private name is looked for with \`in\``);
    }
  });
  let at = 0;
  const pieces = places
    .sort((a, b) => a - b)
    .map((place) => {
      const piece = script.slice(at, place) + prefix;
      at = place + 1;
      return piece;
    });
  return pieces.join('') + script.slice(at);
}

for (const name of readdirSync(dist).filter((each) => /\.c?js$/.test(each))) {
  const path = join(dist, name);
  const script = readFileSync(path, 'utf8');
  const keeps = isLookedInto(path);
  const { code, errors } = minifySync(name, keeps ? withoutPrivateNames(name, script) : script, {
    module: name.endsWith('.js'),
    compress: { keepNames },
    mangle,
    codegen: true,
  });
  if (errors.length > 0) throw new Error(`${name}: ${errors[0]?.message}`);
  writeFileSync(path, inAscii(code.replaceAll(prefix, '#')));
}
/** Whose code is in it, and under which terms. */
function licences() {
  const maps = readdirSync(dist).filter((each) => each.endsWith('.cjs.map'));
  const folders = maps.flatMap((map) => {
    const { sources } = JSON.parse(readFileSync(join(dist, map), 'utf8'));
    return sources.flatMap((/** @type {string} */ source) => {
      // Of what loads late, it says how.
      const path = source.replace(/^.*:/, '');
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
      return folder === undefined ? [] : realpathSync(resolve(dist, folder));
    });
  });
  /** By its terms: who asks for them. Most are the same but for the names. @type {Map<string, string[]>} */
  const byTerms = new Map();
  for (const home of [...new Set(folders)].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    const file = readdirSync(home).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? license : readFileSync(join(home, file), 'utf8');
    const isOwner = (/** @type {string} */ line) => /^copyright/i.test(line.trim());
    const lines = text.trim().split(/\r?\n/);
    const terms = lines
      .filter((/** @type {string} */ line) => !isOwner(line))
      .join(' ')
      .replace(/\s+/g, ' ');
    const owner = [
      `${name} ${version}`,
      ...lines.filter(isOwner).map((/** @type {string} */ line) => `  ${line.trim()}`),
    ];
    byTerms.set(terms, [...(byTerms.get(terms) ?? []), ...owner]);
  }
  const parts = [...byTerms].map(([terms, owners]) => `${owners.join('\n')}\n\n${terms}\n`);
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}
writeFileSync(join(dist, 'licences.txt'), licences());

for (const name of readdirSync(join(dist, 'web')).filter((each) => each.endsWith('.html'))) {
  const page = join(dist, 'web', name);
  const params = { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS };
  writeFileSync(`${page}.br`, brotliCompressSync(readFileSync(page), { params }));
}
// Compiled forms of what they were, and the mark of a build that is whole.
for (const name of readdirSync(dist)) {
  if (name.endsWith('.cache') || name === '.inputs') rmSync(join(dist, name));
}
