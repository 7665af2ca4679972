/** What the laboratory's page needs of modes of one's own: the text of their modules, and of what these import beside them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { withModuleBeside } from '../../config/problem.js';
import { usageError } from '../../core/errors.js';
import { isModuleName, profileOf } from '../../protocols/catalog.js';

/** It reads this in src/web/lab/own-modes.ts. */
export interface PageModules {
  readonly files: Readonly<Record<string, { text: string; imports: Record<string, string> }>>;
  readonly modes: readonly (readonly [named: string, place: string])[];
}

const modesSaid = /^[^#\n]*?(?:--mode[=\s]+|-m\s*)(\S+)/gm;
const importedBeside = /(?:\bfrom|\bimport)\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;

/** Of the modes that were named, and those that a scenario starts clusters of: as seen from `source`. Throws what is wrong with one. */
export function pageModulesOf(
  named: readonly string[],
  scenario: string,
  source: string,
): PageModules {
  const said = [...scenario.matchAll(modesSaid)].map(([, word = '']) => word);
  const modules = new Modules();
  for (const word of named) modules.add(word, word);
  // Of a name that means nothing the page tells, where it can be mended.
  for (const word of said.filter(isModuleName)) modules.add(word, besideScenario(word, source));
  return modules;
}

function besideScenario(word: string, source: string): string {
  const place = { source };
  const setting = { name: 'mode', value: word, namePlace: place, placeOf: () => place };
  return String(withModuleBeside(source, setting).value);
}

class Modules implements PageModules {
  readonly files: Record<string, PageModules['files'][string]> = {};
  readonly modes: [string, string][] = [];
  /** Whoever is handed the page need not know where on this machine they lie. */
  readonly #places = new Map<string, string>();

  add(named: string, word: string): void {
    if (this.modes.some(([known]) => known === named)) return;
    this.modes.push([named, this.#collect(profileOf(word).id)]);
  }

  #collect(path: string): string {
    const known = this.#places.get(path);
    if (known !== undefined) return known;
    if (!/\.m?js$/.test(path)) {
      throw usageError(`${path}: the laboratory's page runs modules of JavaScript`);
    }
    const place = `module ${this.#places.size + 1}`;
    this.#places.set(path, place);
    const text = readFileSync(path, 'utf8');
    const imports: Record<string, string> = {};
    for (const [, , imported = ''] of text.matchAll(importedBeside)) {
      const beside = resolve(dirname(path), imported);
      // What a comment imports may be types alone.
      if (existsSync(beside)) imports[imported] = this.#collect(beside);
    }
    this.files[place] = { text, imports };
    return place;
  }
}
