/** The line `cluster up …` of a scenario as a form sees it: read, and written with something else in it. */
import { defaultModeName, modeHas, modeIds, profileOf } from '../../protocols/catalog.js';

export interface UpLine {
  readonly mode: string;
  /** By flag, without dashes; `mode` is not among them. */
  readonly flags: ReadonlyMap<string, string>;
}

const upPattern = /^[ \t]*cluster[ \t]+up\b[^\n]*/m;

const longNames: Readonly<Record<string, string>> = {
  '-m': '--mode',
  '-n': '--nodes',
  '-o': '--option',
};

/** Of a scenario without such a line: what it means then. */
export function upLineOf(scenario: string): UpLine {
  const line = upPattern.exec(scenario)?.[0] ?? '';
  const words = line.replace(/\s#.*/, '').trim().split(/\s+/).slice(2);
  const flags = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const [word = '', value] = (words[at] ?? '').split(/=(.*)/s);
    if (!word.startsWith('-')) continue;
    const name = (longNames[word] ?? word).slice(2);
    const next = words[at + 1] ?? '';
    const said = value ?? (next.startsWith('-') ? '' : next);
    if (value === undefined && said !== '') at++;
    flags.set(name, said);
  }
  const mode = modeIds().find((name) => name === flags.get('mode')) ?? defaultModeName;
  flags.delete('mode');
  return { mode, flags };
}

/** Options of other modes are left out. */
function fits(flag: string, mode: string): boolean {
  const owners = modeIds().filter((each) =>
    profileOf(each).options.some((option) => option.flag === flag),
  );
  if (flag === 'topology') return modeHas(mode, 'topology');
  return owners.length === 0 || owners.includes(mode);
}

/** The scenario with this line in the place of its own, or before all that it does. */
export function withUpLine(scenario: string, { mode, flags }: UpLine): string {
  const said = [...flags].filter(([name]) => fits(name, mode));
  const words = said.map(([name, value]) => {
    const flag = name === 'nodes' ? '-n' : `--${name}`;
    return value === '' ? flag : `${flag} ${value}`;
  });
  const line = ['cluster up', `--mode ${mode}`, ...words].join(' ');
  if (upPattern.test(scenario)) {
    return scenario.replace(upPattern, (old) => line + (/\s+#.*/.exec(old)?.[0] ?? ''));
  }
  const lines = scenario.split('\n');
  const first = lines.findIndex((each) => !/^\s*(#|$)/.test(each));
  return lines.toSpliced(first < 0 ? lines.length : first, 0, line).join('\n');
}
