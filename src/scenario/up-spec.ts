import type { Place } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import type { Setting } from '../config/setting.js';
import type { ClusterSpec } from '../config/spec.js';
import { show } from '../core/show.js';
import { LineError } from './line-error.js';
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
  const settings: Setting[] = [];
  const add = (name: string, value: unknown, { column }: Said): void => {
    const said = { ...place, column };
    settings.push({ name, value, namePlace: said, placeOf: () => said });
  };
  for (const file of flags.get('config') ?? []) settings.push(...readConfig(file.text));
  for (const [flag, all] of flags) {
    if (flag === 'config' || flag === 'fresh') continue;
    if (flag === 'option') for (const said of all) add(...nameAndValue(said), said);
    else if (flag === 'delay')
      add(
        flag,
        all.flatMap(({ text }) => text.split(',')),
        all[0] as Said,
      );
    else for (const said of all) add(flag, said.text, said);
  }
  return resolveSpec(settings);
}

function nameAndValue({ text, column }: Said): [string, string] {
  const sign = text.indexOf('=');
  if (sign > 0) return [text.slice(0, sign), text.slice(sign + 1)];
  throw new LineError(column, `--option must be NAME=VALUE, not ${show(text)}`);
}
