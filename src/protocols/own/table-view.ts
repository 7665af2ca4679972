/** The view of a replica that keeps every key in a table. */
import type { NodeId } from '../../core/ids.js';
import type { ReplicaView } from '../../core/replica.js';
import type { EntryTable } from '../shared/entry-table.js';
import { Unsettled, type Work } from '../shared/unsettled.js';

/** All are asked anew whenever somebody looks. */
export interface TableViewParts {
  readonly nodes: readonly NodeId[];
  table(): EntryTable;
  role(): string;
  /** Where one node leads. */
  leader?(): NodeId | null;
  suspects?(): readonly NodeId[];
  /** How much there is of each kind of work under way that will still change some replica; all 0 when it is quiet. */
  work(): readonly (readonly [what: string, count: number])[];
  /** For `status`, in order. */
  facts?(): readonly (readonly [name: string, value: string | number])[];
}

export function viewOf(parts: TableViewParts): ReplicaView {
  const work = new Unsettled(() =>
    parts.work().map(([what, count]): Work => [count, `${what}: ${count}`]),
  );
  const view: ReplicaView = {
    get role() {
      return parts.role();
    },
    get keyCount() {
      return parts.table().size;
    },
    get unsettledCount() {
      return work.count;
    },
    unsettled: () => work.sentences(),
    get suspects() {
      return parts.suspects?.() ?? [];
    },
    get facts() {
      return parts.facts?.() ?? [];
    },
    lookup: (key) => parts.table().get(key),
    entries: () => parts.table().entries(),
    walk: (position, visit) => parts.table().walk(position, visit),
    ownersOf: () => parts.nodes,
  };
  const { leader } = parts;
  return leader === undefined ? view : Object.defineProperty(view, 'leader', { get: leader });
}
