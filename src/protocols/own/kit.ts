/**
 * What a mode of one's own is made with: handed to its module, so that the module needs to import nothing and runs wherever kvx
 * does, also where no package is installed and in the laboratory's page.
 */

import { isAdmin, operationShape, resultShape } from '../../core/operation.js';
import { operationBytes } from '../../core/operation-bytes.js';
import * as results from '../../core/results.js';
import { compareVersions, isNewer } from '../../core/version.js';
import * as wire from '../../core/wire.js';
import { batchesOf } from '../shared/batches.js';
import { EntryTable } from '../shared/entry-table.js';
import { evaluate } from '../shared/evaluate.js';
import { bytesOfEntry } from '../shared/leaf-exchange.js';
import { execute } from './execute.js';
import { viewOf } from './table-view.js';

const { badRequest, errorResult, overloaded, sameBytes, timedOut, unavailable } = results;

export const kit = {
  /** Shapes of messages and records: `wire.union({ append: { term: wire.count } })`. */
  wire: { ...wire, operation: operationShape, result: resultShape },
  /** Keys with versions and values, and all that a view of them must tell. */
  EntryTable,
  /** What `inspect` returns, of a replica that keeps every key in a table. */
  viewOf,
  /** What an operation does to a store: in every mode the same. */
  evaluate,
  /** And it done to a table, where all replicas do the same in the same order. */
  execute,
  /** Whether it asks for a change of members, or to stabilize: of a mode that has no such feature nobody does. */
  isAdmin,
  /** About how many bytes an operation and an entry of a table take, and lists cut so that each fits a message or a record. */
  operationBytes,
  entryBytes: bytesOfEntry,
  batchesOf,
  compareVersions,
  isNewer,
  sameBytes,
  results: { badRequest, errorResult, overloaded, timedOut, unavailable },
};

export type Kit = typeof kit;
