/** How `search` is shown. */
import type { Found } from '../client/search.js';
import type { NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import { bytesToJson, bytesToLine, keyToJson, versionToLine } from '../report/bytes.js';
import { printJson } from '../report/output.js';
import { printTable } from '../report/print-table.js';

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
      found.map((each) => searchRow(each, owners)),
    );
  }
}

const shownCharactersMax = 80;

/** `owners`: the nodes that should hold the key, as far as those that do know. */
function searchRow({ node, entry, problem }: Found, owners: ReadonlySet<NodeId>): string[] {
  if (problem !== null) return [node, '(no answer)', ''];
  if (entry === null) {
    const isOwner = owners.size === 0 || owners.has(node);
    return [node, isOwner ? '(absent)' : '(keeps no copy)', ''];
  }
  const value = entry.deleted
    ? '(deleted)'
    : bytesToLine(entry.value ?? new Uint8Array(), shownCharactersMax);
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
