/** How `search` is shown. */
import type { Found } from '../client/search.js';
import type { NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import { bytesToJson, bytesToWord, keyToJson, versionToLine } from '../render/bytes.js';
import { printJson } from '../render/output.js';
import { outputWidth, printTable } from '../render/print-table.js';

const searchColumns = [{ title: 'NODE' }, { title: 'VALUE' }, { title: 'VERSION' }] as const;

/** Prints what each node holds under one key. */
export function printSearch(
  key: Key,
  found: readonly Found[],
  how: { readonly json: boolean },
): void {
  if (how.json) printJson({ key: keyToJson(key), nodes: found.map(searchDocument) });
  else {
    const owners = new Set(found.flatMap(({ entry }) => entry?.owners ?? []));
    printTable(
      searchColumns,
      found.map((each) => searchRow(each, owners, shownCharactersMax(found))),
      Number.POSITIVE_INFINITY,
    );
  }
}

/** Of a value, so that the table fits the output: quotes and ` … (1048576 bytes)` need some room, too. */
function shownCharactersMax(found: readonly Found[]): number {
  const others = found.map(({ node, entry }) => {
    return node.length + (entry === null ? 0 : versionToLine(entry.version).length);
  });
  return Math.max(10, outputWidth() - Math.max(0, ...others) - 26);
}

/** `owners`: the nodes that should hold the key, as far as those that do know. */
function searchRow(
  { node, entry, problem }: Found,
  owners: ReadonlySet<NodeId>,
  charactersMax: number,
): string[] {
  if (problem !== null) return [node, '(no answer)', ''];
  if (entry === null) {
    const isOwner = owners.size === 0 || owners.has(node);
    return [node, isOwner ? '(absent)' : '(keeps no copy)', ''];
  }
  const value = entry.deleted
    ? '(deleted)'
    : bytesToWord(entry.value ?? new Uint8Array(), charactersMax);
  return [node, value, versionToLine(entry.version)];
}

function searchDocument({ node, entry, problem }: Found): unknown {
  if (problem !== null) return { node, problem };
  const value = entry?.value ?? null;
  return {
    node,
    found: entry !== null && !entry.deleted,
    deleted: entry?.deleted ?? false,
    value: value === null ? null : bytesToJson(value),
    version: entry?.version ?? null,
    owners: entry?.owners ?? null,
  };
}
