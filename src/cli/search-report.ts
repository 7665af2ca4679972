/** How `search` is shown. */
import type { Found } from '../client/search.js';
import { bytesToJson, bytesToLine, versionToLine } from '../report/bytes.js';

export const searchColumns = [{ title: 'NODE' }, { title: 'VALUE' }, { title: 'VERSION' }] as const;

const shownCharactersMax = 80;

export function searchRow({ node, entry, problem }: Found): string[] {
  if (problem !== null) return [node, '(no answer)', ''];
  if (entry === null) return [node, '(absent)', ''];
  const value = entry.deleted
    ? '(deleted)'
    : bytesToLine(entry.value ?? new Uint8Array(), shownCharactersMax);
  return [node, value, versionToLine(entry.version)];
}

export function searchDocument({ node, entry, problem }: Found): unknown {
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
