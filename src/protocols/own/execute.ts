import type { ClientResult, DataOperation, Operation } from '../../core/operation.js';
import type { Version } from '../../core/version.js';
import { type EntryTable, noRow } from '../shared/entry-table.js';
import { evaluate } from '../shared/evaluate.js';

/**
 * Does an operation to a table, where all replicas execute the same ones in the same order: deleted keys leave nothing. Its
 * writes carry the version. The operation is no change of members: nobody asks that of a mode without the feature.
 */
export function execute(table: EntryTable, operation: Operation, version: Version): ClientResult {
  const asked = operation as DataOperation;
  const { writes, result } = evaluate(asked, version, (key) => table.get(key));
  for (const { key, value } of writes ?? []) {
    const row = table.find(key);
    if (value !== null) table.put(key, value, version, row);
    else if (row !== noRow) table.remove(row);
  }
  return result;
}
