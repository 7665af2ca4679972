/**
 * Do all replicas agree? Each node's store is read as it is, no protocol involved, and compared key by key over the
 * key's owners. What nodes hold for others (hints) does not count.
 */
import { interrupted } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import { compareVersions, type Version } from '../core/version.js';
import type { Direction } from '../faults/link-rules.js';
import type { ScannedEntry } from '../runtime/links/client-frames.js';
import { askEach, noneAnswered, openAnswering } from './ask.js';
import type { Endpoint, NodeConnection, Timing } from './endpoint.js';

/** What one owner holds of a key: `null` when absent or deleted. */
export interface HeldCopies {
  readonly node: NodeId;
  readonly version: Version | null;
}

export interface Difference {
  readonly key: Key;
  /** Every owner that was reached, in the order of its owners. */
  readonly held: readonly HeldCopies[];
}

export interface Agreement {
  /** All nodes were reached, and hold the same. */
  readonly agrees: boolean;
  /** Keys present on at least one owner. */
  readonly keyCount: number;
  /** How many copies of keys were compared. */
  readonly copyCount: number;
  readonly differences: readonly Difference[];
  /** Nodes that could not be read, and why; their copies are not compared. */
  readonly unreachable: readonly { readonly node: NodeId; readonly why: string }[];
  /** Nodes that still had work under way when time ran out. */
  readonly unsettled: readonly NodeId[];
}

export interface VerifyOptions {
  readonly timeoutMs: Millis;
  /** With links cut on purpose, nobody waits for suspects to be cleared or for differences to go. */
  readonly linksCut: boolean;
  /** Nodes with a cut between them, either way, are no suspects to each other that are waited for. */
  readonly cuts?: readonly Direction[];
  readonly signal: AbortSignal;
  readonly timing: Timing;
  /** Called about once a second while nodes are still settling. */
  readonly onWaiting?: (unsettled: readonly NodeId[]) => void;
}

const pollMs = 50;
const rescanMs = 250;
const statusTimeoutMs = 2_000;

/**
 * Waits until nodes report that nothing is under way, then compares them. Differences that may yet be repaired (all
 * nodes reached, no link cut) are looked at again until time runs out. Throws `unavailable` when no node is reached.
 */
export async function verifyAgreement(
  endpoints: readonly Endpoint[],
  options: VerifyOptions,
): Promise<Agreement> {
  const { timing, signal } = options;
  const deadline = timing.now() + options.timeoutMs;
  const asked = await askEach(endpoints, (endpoint) => openAnswering(endpoint, statusTimeoutMs));
  const connections = asked.flatMap(({ answer }) => answer?.connection ?? []);
  if (connections.length === 0) throw noneAnswered(asked);
  const unreachable = asked.flatMap(({ node, problem }) =>
    problem === null ? [] : [{ node, why: problem.message }],
  );
  try {
    for (;;) {
      const unsettled = await settle(connections, deadline, options);
      const compared = await compareNodes(connections);
      const agreement = { ...compared, unreachable, unsettled };
      const hopeful = !options.linksCut && unreachable.length === 0;
      const late = timing.now() + rescanMs >= deadline;
      if (agreement.differences.length === 0 || !hopeful || late) {
        const agrees = agreement.differences.length === 0 && unreachable.length === 0;
        return { ...agreement, agrees };
      }
      await pause(timing, rescanMs, signal);
    }
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Returns the nodes that had not settled when time ran out. */
async function settle(
  connections: readonly NodeConnection[],
  deadline: Millis,
  { linksCut, cuts = [], timing, signal, onWaiting }: VerifyOptions,
): Promise<readonly NodeId[]> {
  const reached = linksCut ? [] : connections.map(({ node }) => node);
  /** The peers that the node should be hearing from. */
  const expected = (node: NodeId): readonly NodeId[] =>
    reached.filter((peer) => !cuts.some((cut) => joins(cut, node, peer)));
  let lastSaid = timing.now();
  let quietRounds = 0;
  for (;;) {
    const statuses = await Promise.all(connections.map((each) => each.status(statusTimeoutMs)));
    const unsettled = statuses.filter(
      ({ node, unsettledCount, suspects }) =>
        unsettledCount > 0 || suspects.some((suspect) => expected(node).includes(suspect)),
    );
    // Twice in a row: what left one node before it was asked may have reached another after that one was.
    quietRounds = unsettled.length === 0 ? quietRounds + 1 : 0;
    const names = unsettled.map(({ node }) => node);
    if (quietRounds === 2 || timing.now() + pollMs >= deadline) return names;
    if (timing.now() - lastSaid >= 1000 && names.length > 0) {
      lastSaid = timing.now();
      onWaiting?.(names);
    }
    await pause(timing, pollMs, signal);
  }
}

const joins = ({ from, to }: Direction, a: NodeId, b: NodeId): boolean =>
  (from === a && to === b) || (from === b && to === a);

type Copy = { readonly version: Version; readonly digest: number } | null;

/** Per key: its owners, and what each node that was read holds. */
type Copies = Map<Key, { readonly owners: readonly NodeId[]; readonly held: Map<NodeId, Copy> }>;

async function compareNodes(
  connections: readonly NodeConnection[],
): Promise<Pick<Agreement, 'keyCount' | 'copyCount' | 'differences'>> {
  const copies: Copies = new Map();
  await Promise.all(
    connections.map((connection) =>
      connection.scan({ values: false }, (entries) => {
        for (const entry of entries) addCopy(copies, connection.node, entry);
      }),
    ),
  );
  return compareCopies(
    copies,
    connections.map(({ node }) => node),
  );
}

function addCopy(copies: Copies, node: NodeId, entry: ScannedEntry): void {
  let known = copies.get(entry.key);
  if (known === undefined) {
    known = { owners: entry.owners, held: new Map() };
    copies.set(entry.key, known);
  }
  const { version, digest } = entry;
  known.held.set(node, entry.deleted ? null : { version, digest });
}

function compareCopies(
  copies: Copies,
  reached: readonly NodeId[],
): Pick<Agreement, 'keyCount' | 'copyCount' | 'differences'> {
  const differences: Difference[] = [];
  let keyCount = 0;
  let copyCount = 0;
  for (const [key, { owners, held }] of copies) {
    const found = owners
      .filter((owner) => reached.includes(owner))
      .map((owner) => ({ node: owner, copy: held.get(owner) ?? null }));
    const present = found.filter(({ copy }) => copy !== null).length;
    if (present > 0) keyCount++;
    copyCount += present;
    if (found.some(({ copy }) => !isSame(copy, found[0]?.copy ?? null))) {
      const shown = found.map(({ node, copy }) => ({ node, version: copy?.version ?? null }));
      differences.push({ key, held: shown });
    }
  }
  differences.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { keyCount, copyCount, differences };
}

function isSame(a: Copy, b: Copy): boolean {
  if (a === null || b === null) return a === b;
  return compareVersions(a.version, b.version) === 0 && a.digest === b.digest;
}

async function pause(timing: Timing, ms: Millis, signal: AbortSignal): Promise<void> {
  await timing.sleep(ms, signal);
  if (signal.aborted) throw interrupted();
}
