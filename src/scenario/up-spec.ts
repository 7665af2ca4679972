import type { Place } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import type { Setting } from '../config/setting.js';
import type { ClusterSpec } from '../config/spec.js';
import { settingsOfFlag } from '../operations/spec-flags.js';
import { at } from './line-error.js';
import type { Said } from './parse-command.js';

/**
 * The cluster that `cluster up` means. `place` is the command's. Throws a {@link LineError} for a flag of the wrong form,
 * and `ConfigError` with all that is wrong with the settings.
 */
export function specOfUp(
  flags: ReadonlyMap<string, readonly Said[]>,
  place: Place,
  readConfig: (path: string) => readonly Setting[],
): ClusterSpec {
  const settings = (flags.get('config') ?? []).flatMap(({ text }) => readConfig(text));
  for (const [flag, all] of flags) {
    if (flag === 'config' || flag === 'fresh') continue;
    for (const said of flag === 'delay' ? [all] : all.map((each) => [each])) {
      const { column } = said[0] as Said;
      const texts = said.map(({ text }) => text);
      settings.push(...at(column, () => settingsOfFlag(flag, texts, { ...place, column })));
    }
  }
  return resolveSpec(settings);
}
