/** The clusters that dialects run on: what is fixed, what may be said of them, and why the rest may not. */

import { ConfigError, flagSetting, type Problem, type Setting } from '../config/problem.js';
import { commonWords, nodeCountDefault, resolveSpec, wordsOf } from '../config/resolve.js';
import type { ClusterSpec } from '../config/spec.js';
import { usageError } from '../core/errors.js';
import { profileOf } from '../protocols/catalog.js';
import type { DialectName } from './words.js';

interface DialectCluster {
  readonly mode: string;
  /** Over the defaults, under what is said. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Settings that have no effect, each with the reason. */
  readonly refused: Readonly<Record<string, string>>;
}

const clusters: Readonly<Record<DialectName, DialectCluster>> = {
  cs380d: {
    mode: 'gossip',
    // Servers are killed, the machine is not.
    defaults: { name: 'cs380d', sync: 'off' },
    refused: {
      nodes: 'its servers come by `joinServer`',
      topology: 'its links come and go by `breakConnection` and `createConnection`',
      delay: 'its servers join one after another, and their links have no delays',
      delays: 'its servers join one after another, and their links have no delays',
    },
  },
  cs425: { mode: 'quorum', defaults: { name: 'cs425' }, refused: {} },
};

export const modeOf = (name: DialectName): string => clusters[name].mode;

/** Whether a setting of this name means something to the dialect. */
export function isSettingOf(name: DialectName, setting: string): boolean {
  const { mode, refused } = clusters[name];
  if (Object.hasOwn(refused, setting)) return false;
  return commonWords.includes(setting as never) || wordsOfMode(mode).includes(setting);
}

/**
 * A dialect's cluster with these settings. `gossip`: in cs380d, servers also gossip in the background; settings of gossip say
 * so, too. Throws {@link ConfigError} for those that have no effect on it.
 */
export function dialectSpec(
  name: DialectName,
  said: readonly Setting[],
  gossip: boolean,
): ClusterSpec {
  const { mode, defaults } = clusters[name];
  const problems = said.flatMap((setting) => problemWith(name, setting));
  if (problems.length > 0) throw new ConfigError(problems, 'the cluster');
  const given = { mode, ...defaults };
  const settings = Object.entries(given).map(([word, value]) => flagSetting(word, value, name));
  const spec = resolveSpec([...settings, ...replicasFor(name, said), ...said]);
  if (name !== 'cs380d') return spec;
  const background = gossip || said.some((setting) => wordsOfMode(mode).includes(setting.name));
  return { ...spec, options: { ...spec.options, background } };
}

/** Throws `bad-request` unless a cluster that is up can be worked on in this dialect. */
export function checkAttached(name: DialectName, record: ClusterSpec): void {
  const { mode } = clusters[name];
  const problem =
    name === 'cs380d'
      ? 'cs380d starts its servers itself, and leaves clusters that are up alone'
      : record.mode === mode
        ? null
        : `${name} is for mode ${mode}, and ${record.name} is mode ${record.mode}`;
  if (problem !== null) throw usageError(problem);
}

function problemWith(name: DialectName, { name: word, value, ...places }: Setting): Problem[] {
  const { mode, refused } = clusters[name];
  if (word === 'mode' && value !== mode) {
    return [{ ...places.placeOf(), message: `${name} runs in mode ${mode}, not ${value}` }];
  }
  const why = Object.hasOwn(refused, word) ? refused[word] : undefined;
  return why === undefined
    ? []
    : [{ ...places.namePlace, message: `${name} has no use for ${word}: ${why}` }];
}

/** In cs425 every server keeps every key, unless it is told otherwise. */
function replicasFor(name: DialectName, said: readonly Setting[]): Setting[] {
  if (name !== 'cs425' || said.some(({ name: word }) => word === 'replicas')) return [];
  const nodes = said.findLast(({ name: word }) => word === 'nodes')?.value ?? nodeCountDefault;
  const count = Array.isArray(nodes) ? nodes.length : nodes;
  return [flagSetting('replicas', count, name)];
}

const wordsOfMode = (mode: string): string[] => profileOf(mode).options.flatMap(wordsOf);
