/** What came of a command, and whether it is what was expected. */
import type { Agreement } from '../client/agreement.js';
import type { NodeStore } from '../client/ask.js';
import { type Found, isPresent } from '../client/ask.js';
import type { NodeId } from '../core/ids.js';
import { type Key, keyToBytes } from '../core/key.js';
import { sameBytes } from '../core/results.js';
import type { OperationOutcome } from '../operations/operation.js';
import { bytesToLine, versionToLine } from '../render/bytes.js';
import type { Copy, Expectation } from './program.js';

/** What is judged: an outcome, or an error in its place. */
export type ToJudge = Pick<OperationOutcome, 'why' | 'seen'>;

export interface JudgedOutcome {
  readonly holds: boolean;
  /** In words, for who wonders why not. */
  readonly expected: string;
  readonly seen: string;
}

const shownCharactersMax = 120;
const shownCountMax = 12;

export function judge(outcome: ToJudge, expectation: Expectation): JudgedOutcome {
  return {
    holds: holds(outcome, expectation),
    expected: describeExpectation(expectation),
    seen: describeSeen(outcome, expectation),
  };
}

function holds({ why, seen }: ToJudge, expectation: Expectation): boolean {
  switch (expectation.type) {
    case 'ok':
      return why === null;
    case 'fails':
      return why !== null && (expectation.code === null || expectation.code === why);
    case 'value':
      return seen.type === 'value' && expectation.among.some((value) => same(value, seen.value));
    case 'not value':
      return seen.type === 'value' && !same(expectation.value, seen.value);
    case 'present':
      return seen.type === 'value' && seen.value !== null;
    case 'values': {
      const { values } = expectation;
      return seen.type === 'values' && values.every((value, nth) => same(value, seen.values[nth]));
    }
    case 'store':
      return (
        seen.type === 'store' && sameStore(seen.store, expectation.entries) === expectation.equal
      );
    case 'copies':
      return seen.type === 'copies' && holdsCopies(seen.found, expectation.copies);
    case 'found':
      return seen.type === 'copies' && seen.found.some(isPresent) === expectation.anywhere;
    case 'agreement':
      // Still at work, nobody knows: neither is true yet.
      return (
        seen.type === 'agreement' &&
        why !== 'unsettled' &&
        seen.agreement.agrees === expectation.agrees
      );
  }
}

function same(a: Uint8Array | null | undefined, b: Uint8Array | null | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return sameBytes(a, b);
}

function sameStore({ entries }: NodeStore, wanted: ReadonlyMap<Key, Uint8Array>): boolean {
  return (
    entries.length === wanted.size &&
    entries.every(({ key, value }) => same(value, wanted.get(key)))
  );
}

function holdsCopies(found: readonly Found[], wanted: ReadonlyMap<NodeId, Copy>): boolean {
  return [...wanted].every(([node, copy]) => {
    const held = found.find((each) => each.node === node);
    if (held === undefined || held.problem !== null) return false;
    const { entry } = held;
    if (copy === 'absent') return entry === null;
    if (copy === 'deleted') return entry?.deleted === true;
    return entry !== null && !entry.deleted && same(entry.value, copy);
  });
}

export function describeExpectation(expectation: Expectation): string {
  switch (expectation.type) {
    case 'ok':
      return 'ok';
    case 'fails':
      return expectation.code === null ? 'a failure' : `a failure: ${expectation.code}`;
    case 'value':
      return expectation.among.map(shown).join(' or ');
    case 'not value':
      return `anything but ${shown(expectation.value)}`;
    case 'present':
      return 'a value';
    case 'values':
      return expectation.values.map(shown).join(', ');
    case 'store': {
      const pairs = [...expectation.entries].map(([key, value]) => pair(key, value));
      return `${expectation.equal ? '' : 'anything but '}${list(pairs)}`;
    }
    case 'copies':
      return [...expectation.copies]
        .map(([node, copy]) => `${node}=${typeof copy === 'string' ? copy : shown(copy)}`)
        .join(' ');
    case 'found':
      return expectation.anywhere ? 'a value somewhere' : 'no value anywhere';
    case 'agreement':
      return expectation.agrees ? 'agree' : 'differ';
  }
}

function describeSeen({ why, seen }: ToJudge, expectation: Expectation): string {
  switch (seen.type) {
    case 'error':
      return `${seen.error.code}: ${seen.error.message}`;
    case 'value': {
      const version = seen.version === null ? '' : `version ${versionToLine(seen.version)}, `;
      const refused = why === 'refused' ? 'refused: it holds ' : '';
      return `${refused}${shown(seen.value)} (${version}through ${seen.node})`;
    }
    case 'values':
      return seen.values.map(shown).join(', ') || (why ?? 'ok');
    case 'store': {
      const pairs = seen.store.entries.map(({ key, value }) => pair(key, value));
      return `${list(pairs)} (at ${seen.store.node})`;
    }
    case 'copies':
      return seen.found.map(describeFound).join(' ');
    case 'agreement':
      return describeAgreement(seen.agreement, why);
    case 'nothing':
      return why ?? (expectation.type === 'fails' ? 'it succeeded' : 'ok');
  }
}

function describeFound({ node, entry, problem }: Found): string {
  if (problem !== null) return `${node}=(no answer)`;
  if (entry === null) return `${node}=absent`;
  return `${node}=${entry.deleted ? 'deleted' : shown(entry.value)}`;
}

function describeAgreement(agreement: Agreement, why: string | null): string {
  const { differences, unreachable, unsettled } = agreement;
  if (why === null) return 'agree';
  const parts = differences.slice(0, shownCountMax).map(({ key, held }) => {
    const copies = held.map(({ node, version }) => {
      return `${node}=${version === null ? 'absent' : versionToLine(version)}`;
    });
    return `${shown(keyToBytes(key))}: ${copies.join(' ')}`;
  });
  const away = unreachable.map(({ node }) => `${node} can't be reached`);
  const busy = unsettled.length === 0 ? [] : [`still settling: ${unsettled.join(', ')}`];
  return `${why} (${[...parts, ...away, ...busy].join('; ')})`;
}

const shown = (value: Uint8Array | null): string =>
  value === null ? 'absent' : bytesToLine(value, shownCharactersMax) || '""';

const pair = (key: Key, value: Uint8Array | null): string =>
  `${shown(keyToBytes(key))}=${value === null ? '' : shown(value)}`;

function list(pairs: readonly string[]): string {
  if (pairs.length === 0) return 'nothing';
  const more = pairs.length > shownCountMax ? ` and ${pairs.length - shownCountMax} more` : '';
  return `${pairs.slice(0, shownCountMax).join(' ')}${more}`;
}
