/**
 * How scripts of dist get at each other's names. Rolldown defines a property with a getter for each name that a script exports, which for the 500
 * of what all share takes a millisecond of a start and a fifth of the code cache. Here such a script exports one function, which
 * tells a name's value by its number; who imports keeps it in a constant, as fast as one of its own. And what is seldom used loads when it first is.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const exported =
  /^Object\.defineProperty\(exports, "(?<name>[^"]+)", \{\s+enumerable: true,\s+get: function\(\) \{\s+return (?<local>[^;]+);\s+\}\s+\}\);\n/gm;
const imported =
  /^(?:module\.exports = .* )?const (?<as>\S+) = require\("\.\/(?<from>[^"]+)\.cjs"\);$/gm;
const importedLater =
  /require\("\.\/(?<from>[^"]+)\.cjs"\)\)\.then\(\((?<as>\w+)\) => \k<as>\.(?<name>[\w$]+)\)/g;

/** What a script uses in one place only may be asked for there. */
const importedOnce = /require\("\.\/([\w-]+)\.cjs"\)\.([\w$]+)/g;

/** What is none of the ways to ask for a number, or for nothing. */
const asked =
  /require\("\.\/([\w-]+)\.cjs"\)(?!\(\d|\)\(at\)|, |;|\)\.then\(\((\w+)\) => \w+\(\d).*/g;

/** @param {RegExpMatchArray} match */
const groupsOf = (match) => /** @type {Record<string, string>} */ (match.groups);

/** What it exports must never change: importers look once. @param {string} script @param {string} local */
function checkConstant(script, local) {
  const name = local.replaceAll('$', '\\$');
  if (!new RegExp(`^(?:let|var) (?:${name}|[\\w$, ]*, ${name})[;,]`, 'm').test(script)) return;
  throw new Error(`${local} is exported, and may change`);
}

/** @param {string} outDir @param {Record<string, string>} chunks by names of what is loaded at each start, what is loaded when it is needed */
export function linkScripts(outDir, chunks) {
  const whole = new Set(Object.entries(chunks).flat());
  /** @type {Map<string, string>} */
  const scripts = new Map();
  for (const file of readdirSync(outDir).filter((each) => each.endsWith('.cjs'))) {
    scripts.set(file.replace(/\.cjs$/, ''), readFileSync(join(outDir, file), 'utf8'));
  }
  /** By script: its names, in the order of their numbers. @type {Map<string, string[]>} */
  const namesOf = new Map();
  for (const name of whole) {
    const script = scripts.get(name) ?? '';
    const all = [...script.matchAll(exported)].map(groupsOf);
    for (const { local = '' } of all) checkConstant(script, local);
    const cases = all.map(({ local }, at) => `case ${at}: return ${local};`);
    const told = `module.exports = (at) => { switch (at) { ${cases.join(' ')} } };`;
    const main = all.some((each) => each['name'] === 'main') ? ' module.exports.main = main;' : '';
    // First, in the first line: scripts may use each other while they are loaded.
    scripts.set(name, `${told}${main} ${script.replace(exported, '')}`);
    namesOf.set(
      name,
      all.map((each) => each['name'] ?? ''),
    );
  }
  const numberOf = (/** @type {string} */ script, /** @type {string} */ name) => {
    const number = namesOf.get(script)?.indexOf(name) ?? -1;
    if (number === -1) throw new Error(`${script} exports no ${name}`);
    return number;
  };
  for (const [name, script] of scripts) {
    let linked = script.replace(importedLater, (all, from, as, what) =>
      whole.has(from)
        ? `require("./${from}.cjs")).then((${as}) => ${as}(${numberOf(from, what)}))`
        : all,
    );
    linked = linked.replace(importedOnce, (all, from, what) =>
      whole.has(from) ? `require("./${from}.cjs")(${numberOf(from, what)})` : all,
    );
    for (const { as = '', from = '' } of [...script.matchAll(imported)].map(groupsOf)) {
      if (!whole.has(from)) continue;
      const isLater = name in chunks && !(from in chunks);
      const use = new RegExp(`(?<![\\w$])${as.replaceAll('$', '\\$')}\\.([\\w$]+)`, 'g');
      const constant = (/** @type {string} */ what) => `${as}$${what}`;
      const used = new Set([...linked.matchAll(use)].map(([, what = '']) => what));
      linked = linked.replace(use, (_, what) =>
        isLater ? `(${as}(${numberOf(from, what)}))` : constant(what),
      );
      const constants = [...used].map(
        (what) => `${constant(what)} = ${as}(${numberOf(from, what)})`,
      );
      const head = isLater
        ? `let ${as}$; const ${as} = (at) => (${as}$ ??= require("./${from}.cjs"))(at);`
        : `const ${[`${as} = require("./${from}.cjs")`, ...constants].join(', ')};`;
      linked = linked.replace(`const ${as} = require("./${from}.cjs");`, () => head);
    }
    for (const [all, from = ''] of linked.matchAll(asked)) {
      if (whole.has(from)) throw new Error(`${name} is not linked: ${all}`);
    }
    writeFileSync(join(outDir, `${name}.cjs`), linked);
  }
}
