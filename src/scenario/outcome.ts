/** What may be expected of a command, and whether what came of it is that. */
import type { Agreement } from '../client/agreement.js';
import { type Found, isPresent } from '../client/ask.js';
import type { NodeId } from '../core/ids.js';
import { type Key, keyToBytes } from '../core/key.js';
import { sameBytes } from '../core/results.js';
import type { OperationOutcome, SeenResult } from '../operations/operation.js';
import { bytesToLine, versionToLine } from '../render/bytes.js';

/** What is judged: an outcome, or an error in its place. */
export type ToJudge = Pick<OperationOutcome, 'why' | 'seen'>;

export interface Expectation {
  /** In words, for who wonders why not. */
  readonly expected: string;
  /** A failure is: then an error is an answer like others. */
  readonly fails: boolean;
  holds(outcome: ToJudge): boolean;
}

/** `null` is absence. */
type Value = Uint8Array | null;
/** What one node is expected to hold under a key. */
export type Copy = Uint8Array | 'absent' | 'deleted';

export interface JudgedOutcome {
  readonly holds: boolean;
  readonly expected: string;
  readonly seen: string;
  /** What shows it best, line by line. */
  readonly drawing: readonly string[];
  /** What the evidence is about. */
  readonly key: string | null;
}

const shownCharactersMax = 120;
const shownCountMax = 12;

export const expectOk: Expectation = {
  expected: 'ok',
  fails: false,
  holds: ({ why }) => why === null,
};

export const expectFailure = (code: string | null): Expectation => ({
  expected: code === null ? 'a failure' : `a failure: ${code}`,
  fails: true,
  holds: ({ why }) => why !== null && (code === null || code === why),
});

/** Of what only one kind of result can be. */
function expectSeen<T extends SeenResult['type']>(
  type: T,
  expected: string,
  holds: (seen: Extract<SeenResult, { readonly type: T }>, why: string | null) => boolean,
): Expectation {
  const isKind = (seen: SeenResult): seen is Extract<SeenResult, { readonly type: T }> =>
    seen.type === type;
  const holdsIfKind = ({ seen, why }: ToJudge): boolean => isKind(seen) && holds(seen, why);
  return { expected, fails: false, holds: holdsIfKind };
}

export const expectAmong = (values: readonly Value[]): Expectation =>
  expectSeen('value', values.map(shown).join(' or '), ({ value }) =>
    values.some((each) => sameBytes(each, value)),
  );

export const expectOther = (than: Uint8Array): Expectation =>
  expectSeen('value', `anything but ${shown(than)}`, ({ value }) => !sameBytes(than, value));

export const expectPresent = expectSeen('value', 'a value', ({ value }) => value !== null);

export const expectValues = (wanted: readonly Value[]): Expectation =>
  expectSeen(
    'values',
    wanted.map(shown).join(', '),
    ({ values }) =>
      values.length >= wanted.length &&
      wanted.every((value, nth) => sameBytes(value, values[nth] ?? null)),
  );

export function expectStore(wanted: ReadonlyMap<Key, Uint8Array>, equal: boolean): Expectation {
  const pairs = list([...wanted].map(([key, value]) => pair(key, value)));
  return expectSeen('store', equal ? pairs : `anything but ${pairs}`, ({ store: { entries } }) => {
    const isSame = entries.every(({ key, value }) => {
      return wanted.has(key) && sameBytes(value, wanted.get(key) ?? null);
    });
    return (isSame && entries.length === wanted.size) === equal;
  });
}

export function expectCopies(wanted: ReadonlyMap<NodeId, Copy>): Expectation {
  const described = [...wanted].map(([node, copy]) => {
    return `${node}=${typeof copy === 'string' ? copy : shown(copy)}`;
  });
  return expectSeen('copies', described.join(' '), ({ found }) =>
    [...wanted].every(([node, copy]) => {
      const held = found.find((each) => each.node === node);
      return held !== undefined && held.problem === null && isCopy(held.entry, copy);
    }),
  );
}

function isCopy(entry: Found['entry'], copy: Copy): boolean {
  if (copy === 'absent' || entry === null) return copy === 'absent' && entry === null;
  return copy === 'deleted' ? entry.deleted : !entry.deleted && sameBytes(entry.value, copy);
}

export const expectAnywhere = (anywhere: boolean): Expectation =>
  expectSeen('copies', anywhere ? 'a value somewhere' : 'no value anywhere', ({ found }) => {
    return found.some(isPresent) === anywhere;
  });

/** Of nodes still at work nobody knows: neither is true yet. */
export const expectAgreement = (agrees: boolean): Expectation =>
  expectSeen('agreement', agrees ? 'agree' : 'differ', ({ agreement }, why) => {
    return why !== 'unsettled' && agreement.agrees === agrees;
  });

export const judge = (outcome: ToJudge, expectation: Expectation): JudgedOutcome => ({
  holds: expectation.holds(outcome),
  expected: expectation.expected,
  seen: describeSeen(outcome, expectation.fails),
  drawing: outcome.seen.type === 'verdict' ? outcome.seen.drawing : [],
  key: outcome.seen.type === 'verdict' ? outcome.seen.key : null,
});

function describeSeen({ why, seen }: ToJudge, mayFail: boolean): string {
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
    case 'verdict':
      return seen.sentence;
    case 'nothing':
      return why ?? (mayFail ? 'it succeeded' : 'ok');
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

const shown = (value: Value): string =>
  value === null ? 'absent' : bytesToLine(value, shownCharactersMax) || '""';

const pair = (key: Key, value: Value): string =>
  `${shown(keyToBytes(key))}=${value === null ? '' : shown(value)}`;

function list(pairs: readonly string[]): string {
  if (pairs.length === 0) return 'nothing';
  const more = pairs.length > shownCountMax ? ` and ${pairs.length - shownCountMax} more` : '';
  return `${pairs.slice(0, shownCountMax).join(' ')}${more}`;
}
