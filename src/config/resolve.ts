import { KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { nodesMax } from '../core/limits.js';
import { show } from '../core/show.js';
import { nearestWord } from '../core/suggest.js';
import type { Direction } from '../faults/link-rules.js';
import {
  catalog,
  defaultModeName,
  type ModeProfile,
  modeHas,
  modesWith,
  profileOf,
} from '../protocols/catalog.js';
import { parseModeOptions } from '../protocols/options.js';
import type { ModeOption } from '../protocols/shared/mode-options.js';
import { parseDuration, parseRate } from './duration.js';
import { delaysBy, unlinkedBy } from './links.js';
import { metricsBy } from './metrics.js';
import type { Setting } from './problem.js';
import { ConfigError, type Problem } from './problem.js';
import { parseReads, type ReadsWord } from './reads.js';
import { respBy, respWords } from './resp.js';
import {
  type ClusterSpec,
  checkClusterName,
  nameDefault,
  nodeNames,
  type RuntimeName,
  runtimeNames,
} from './spec.js';

export const nodeCountDefault = 4;

/** What every mode understands; its own options come on top. */
export const commonWords = [
  ...['name', 'mode', 'nodes', 'runtime', 'sync', 'trace', 'delay', 'delays', 'topology'],
  ...respWords,
  ...['metrics', 'reads'],
] as const;

/**
 * One cluster out of settings, defaults filled in; of several settings with one name the last counts, except that
 * `delay` and `delays` add up. Throws {@link ConfigError} with everything that is wrong.
 */
export function resolveSpec(settings: readonly Setting[]): ClusterSpec {
  const resolver = new Resolver(settings);
  const spec = resolver.resolve();
  if (resolver.problems.length > 0) throw new ConfigError(resolver.problems);
  return spec;
}

class Resolver {
  readonly problems: Problem[] = [];
  readonly #all: readonly Setting[];
  readonly #last = new Map<string, Setting>();

  constructor(settings: readonly Setting[]) {
    this.#all = settings;
    for (const setting of settings) this.#last.set(setting.name, setting);
  }

  resolve(): ClusterSpec {
    const mode = this.#mode();
    this.#checkWords(mode);
    const nodes = this.#nodes();
    return {
      name: this.#name(),
      mode: mode?.id ?? defaultModeName,
      nodes,
      runtime: this.#oneOf<RuntimeName>('runtime', runtimeNames, 'threads'),
      sync: this.#oneOf('sync', ['always', 'off'], 'always'),
      trace: this.#oneOf('trace', ['on', 'off'], 'off'),
      reads: this.#reads(),
      options: mode === null ? {} : this.#options(mode, nodes),
      delays: this.#delays(nodes),
      unlinked: this.#unlinked(mode, nodes),
      resp: respBy(this.#all, nodes.length, (problem) => this.problems.push(problem)),
      metrics: metricsBy(this.#all, nodes.length, (problem) => this.problems.push(problem)),
    };
  }

  #name(): string {
    const setting = this.#last.get('name');
    const name = setting?.value ?? nameDefault;
    try {
      checkClusterName(String(name));
    } catch (error) {
      this.#report(setting, (error as Error).message);
    }
    return String(name);
  }

  /** `null` when the mode does not exist, and so nothing can be said about its options. */
  #mode(): ModeProfile | null {
    const setting = this.#last.get('mode');
    const name = String(setting?.value ?? defaultModeName);
    try {
      return profileOf(name);
    } catch (error) {
      if (!(error instanceof KvxError)) throw error;
      this.#report(setting, error.message);
      return null;
    }
  }

  #checkWords(mode: ModeProfile | null): void {
    if (mode === null) return;
    const known: string[] = [...commonWords, ...mode.options.flatMap(wordsOf)];
    for (const { name, namePlace } of this.#all) {
      if (known.includes(name)) continue;
      const others = Object.values(catalog).filter((other) =>
        other.options.flatMap(wordsOf).includes(name),
      );
      const owners = others.map((other) => other.name).join(', ');
      const hint = owners === '' ? suggestion(name, known) : `; it is one of mode ${owners}`;
      const message = `mode ${mode.name} has no setting ${show(name)}${hint}`;
      this.problems.push({ ...namePlace, message });
    }
  }

  #nodes(): readonly NodeId[] {
    const setting = this.#last.get('nodes');
    const value = setting?.value ?? nodeCountDefault;
    if (Array.isArray(value)) return this.#namedNodes(setting as Setting, value);
    const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (Number.isSafeInteger(count) && (count as number) >= 1 && (count as number) <= nodesMax) {
      return nodeNames(count as number);
    }
    this.#report(
      setting,
      `a cluster has 1 to ${nodesMax} nodes: expected a number or a list of names, not ${show(value)}`,
    );
    return nodeNames(nodeCountDefault);
  }

  #namedNodes(setting: Setting, names: readonly unknown[]): readonly NodeId[] {
    if (names.length < 1 || names.length > nodesMax) {
      this.#report(setting, `a cluster has 1 to ${nodesMax} nodes, not ${names.length}`);
      return nodeNames(nodeCountDefault);
    }
    for (const [at, name] of names.entries()) {
      const place = setting.placeOf([at]);
      if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(name)) {
        const message = `${show(name)} can't be a node's name: use up to 32 letters, digits, - and _`;
        this.problems.push({ ...place, message });
      } else if (names.indexOf(name) < at) {
        this.problems.push({ ...place, message: `two nodes have the name ${name}` });
      }
    }
    return names.map(String);
  }

  #oneOf<T extends string>(name: string, words: readonly T[], otherwise: T): T {
    const setting = this.#last.get(name);
    // YAML 1.1 habits die hard: an unquoted `off` is text here, but `sync: false` surely means it.
    const plain = new Map<unknown, string>([
      [true, 'on'],
      [false, 'off'],
    ]);
    const value = plain.get(setting?.value) ?? setting?.value;
    if (value === undefined) return otherwise;
    if (words.includes(value as T)) return value as T;
    const meant = suggestion(String(value), words);
    this.#report(setting, `${name} must be ${words.join(' or ')}, not ${show(value)}${meant}`);
    return otherwise;
  }

  #reads(): ReadsWord {
    const setting = this.#last.get('reads');
    const reads = parseReads(setting?.value ?? 'usual');
    if (reads !== null) return reads;
    const message = `reads must be usual, worst or worst:SEED, not ${show(setting?.value)}`;
    this.#report(setting, message);
    return 'usual';
  }

  #options(mode: ModeProfile, nodes: readonly NodeId[]): Readonly<Record<string, unknown>> {
    const given = new Map<string, unknown>();
    const said = new Map<string, Setting>();
    for (const option of mode.options) {
      const setting = this.#all.findLast(({ name }) => wordsOf(option).includes(name));
      if (setting === undefined) continue;
      said.set(option.name, setting);
      given.set(option.name, optionValue(option, setting.value));
      if (option.kind === 'nodes') this.#checkNames(setting, given.get(option.name), nodes);
    }
    // The mode stops at the first thing it dislikes; take each out in turn to see what else there is.
    for (;;) {
      const problem = tryOptions(mode, given, nodes.length);
      if (typeof problem !== 'string') return problem;
      const names = [...given.keys()];
      const isNamed = (name: string) => new RegExp(`\\b${name}\\b`).test(problem);
      /** The rest would be fine without it. */
      const isAlone = (name: string) => {
        const rest = new Map(given);
        rest.delete(name);
        return typeof tryOptions(mode, rest, nodes.length) !== 'string';
      };
      const culprit = names.find(isNamed) ?? names.find(isAlone) ?? null;
      const guilty = culprit === null ? this.#last.get('mode') : said.get(culprit);
      this.#report(guilty ?? this.#last.get('nodes'), problem);
      if (culprit === null) return {};
      given.delete(culprit);
    }
  }

  #checkNames(setting: Setting, names: unknown, nodes: readonly NodeId[]): void {
    if (!Array.isArray(names) || names.length > nodesMax) return;
    for (const [at, name] of names.entries()) {
      if (nodes.includes(name)) continue;
      const message = `there is no node ${show(name)}${suggestion(String(name), nodes)}`;
      this.problems.push({ ...setting.placeOf([at]), message });
    }
  }

  #delays(nodes: readonly NodeId[]): ClusterSpec['delays'] {
    const settings = this.#all.filter(({ name }) => name === 'delay' || name === 'delays');
    return delaysBy(settings, nodes, (problem) => this.problems.push(problem));
  }

  #unlinked(mode: ModeProfile | null, nodes: readonly NodeId[]): readonly Direction[] {
    const setting = this.#last.get('topology');
    if (setting === undefined || mode === null) return [];
    if (modeHas(mode.id, 'topology')) {
      return unlinkedBy(setting, nodes, (problem) => this.problems.push(problem));
    }
    const able = modesWith('topology').join(', ');
    const message = `mode ${mode.name} has no topology: its nodes pass nothing on, so each is linked to all; modes that have one: ${able}`;
    this.problems.push({ ...setting.namePlace, message });
    return [];
  }

  #report(setting: Setting | undefined, message: string): void {
    this.problems.push({ ...(setting?.placeOf() ?? { source: 'the defaults' }), message });
  }
}

/** What a setting of this option may be called. */
export function wordsOf({ name, flag }: ModeOption): string[] {
  return flag === undefined || flag === name ? [name] : [name, flag];
}

/** What was written as text, as flags always are: numbers, durations, rates, lists with commas. */
function optionValue(option: ModeOption, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  switch (option.kind) {
    case 'nodes':
      return value.split(',').map((name) => name.trim());
    case 'rate':
      return parseRate(value) ?? value;
    case 'millis':
      return /^\d+$/.test(value) ? Number(value) : (parseDuration(value) ?? value);
    case 'count':
    case 'level':
      return /^\d+$/.test(value) ? Number(value) : value;
  }
}

/** The options of the mode, or what is wrong with them. */
function tryOptions(
  mode: ModeProfile,
  given: ReadonlyMap<string, unknown>,
  nodes: number,
): Readonly<Record<string, unknown>> | string {
  try {
    return parseModeOptions(mode.id, Object.fromEntries(given), nodes);
  } catch (error) {
    if (error instanceof KvxError) return error.message;
    throw error;
  }
}

function suggestion(typed: string, known: readonly string[]): string {
  const meant = nearestWord(typed, known);
  return meant === null ? '' : `, did you mean ${show(meant)}?`;
}
