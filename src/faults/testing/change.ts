import {
  type ActiveFault,
  asFaultsChange,
  type FaultsChange,
  type LinksChange,
} from '../active.js';

/** By a test. */
export const breaking = (
  change: (faults: readonly ActiveFault[]) => LinksChange,
  words = 'fault test',
): FaultsChange => asFaultsChange({ words, by: 'test' }, change);

export const healing: FaultsChange = () => [];

/** A list of faults that grows as a cluster's does. */
export function changed(
  faults: readonly ActiveFault[],
  ...changes: readonly FaultsChange[]
): readonly ActiveFault[] {
  let id = Math.max(0, ...faults.map((fault) => fault.id));
  return changes.reduce(
    (now, change) => change(now, (fault) => ({ ...fault, id: ++id, since: 0 })),
    faults,
  );
}
