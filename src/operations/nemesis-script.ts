/** What a nemesis did, as a scenario that does it again. */

import { configOf } from '../config/effective.js';
import type { ClusterSpec } from '../config/spec.js';
import type { Millis } from '../core/ids.js';
import { profileOf } from '../protocols/catalog.js';
import type { NemesisEvent } from './nemesis-run.js';

/** For how long members may take to agree on one more or less, with what else goes on. */
const changeTime = '1m';

/** What names nodes that come and go, from its begin to its end. */
function ofMembers(events: readonly NemesisEvent[]): (event: NemesisEvent) => boolean {
  const nodesIn = (words: string): string[] => words.split(/[ ,/<>-]/);
  const added = new Set(
    events.flatMap(({ words: [first = ''] }) => /^node add (\S+)/.exec(first)?.[1] ?? []),
  );
  return ({ words }) => words.flatMap(nodesIn).some((node) => added.has(node));
}

/**
 * The cluster as it was, and what began and ended at the times at which it did. What is done to members that come and go stands
 * beside all else: until the others agree on them, faults must be able to end.
 */
export function scriptOf(
  head: string,
  spec: ClusterSpec,
  before: readonly string[],
  events: readonly NemesisEvent[],
): string {
  const done = events.filter(({ script }) => script.length > 0);
  const isOfMembers = ofMembers(done);
  const others = linesOf(done.filter((event) => !isOfMembers(event)));
  const members = linesOf(done.filter(isOfMembers)).map((line) =>
    /^node (add|remove) /.test(line) ? `expect within ${changeTime} ${line} ok` : line,
  );
  const part = (client: string, lines: readonly string[]): string[] => [
    `  client ${client}`,
    ...lines.map((line) => `    ${line}`),
  ];
  const body =
    members.length === 0
      ? others
      : ['at once', ...part('members', members), ...part('nemesis', others), 'end'];
  const lines = [`# ${head}`, upOf(spec), ...before, '', ...body];
  return lines.map((line) => `${line}\n`).join('');
}

function linesOf(events: readonly NemesisEvent[]): string[] {
  let at: Millis = 0;
  return events.flatMap(({ atMs, tookMs, script }) => {
    const waitMs = atMs - tookMs - at;
    at = atMs;
    return [...(waitMs > 0 ? [`wait ${waitMs}ms`] : []), ...script];
  });
}

/** `cluster up` with all that was set otherwise than usual. */
function upOf(spec: ClusterSpec): string {
  const { mode, sync, options, delays } = spec;
  const { nodes, topology } = configOf(spec);
  const list = (value: unknown): string => (Array.isArray(value) ? value.join() : String(value));
  const flags = [
    `--mode ${mode}`,
    `--nodes ${list(nodes)}`,
    ...(sync === 'always' ? [] : [`--sync ${sync}`]),
    ...(topology === undefined || topology === 'full' ? [] : [`--topology ${list(topology)}`]),
    ...delays.map(({ from, to, meanMs }) => `--delay ${from}>${to}=${meanMs}ms`),
    ...profileOf(mode).options.flatMap(({ name, default: usual }) => {
      const value = options[name];
      const isUsual = value === undefined || JSON.stringify(value) === JSON.stringify(usual);
      return isUsual ? [] : [`--option ${name}=${list(value)}`];
    }),
  ];
  return ['cluster up', ...flags].join(' ');
}
