/** How operations and results travel: between clients and nodes, between nodes, and into journals. */
import { errorCodes } from './errors.js';
import type {
  ClientResult,
  Operation,
  SessionFloor,
  SessionStamp,
  TransactionStep,
} from './operation.js';
import {
  boolean,
  count,
  key,
  list,
  name,
  nullable,
  number,
  oneOf,
  struct,
  text,
  union,
  value,
  version,
} from './wire.js';

const bytesOrNull = nullable(value);

const transactionStep = union<TransactionStep>({
  get: { key },
  put: { key, value },
  delete: { key },
  check: { key, expected: bytesOrNull },
});

/** By kind, for shapes that carry only some of them. */
export const operationVariants = {
  get: { key },
  put: { key, value },
  delete: { key },
  insert: { key, value },
  update: { key, value },
  cas: { key, expected: bytesOrNull, value: bytesOrNull },
  txn: { steps: list(transactionStep) },
  reconfigure: { change: oneOf('add', 'remove'), node: name },
  tune: { setting: oneOf('fail-rate'), value: number },
  stabilize: {},
} as const;

export const operationShape = union<Operation>(operationVariants);

export const stampShape = struct<SessionStamp>({ client: name, sequence: count });

export const floorShape = struct<SessionFloor>({ version: nullable(version), stamp: count });

export const resultShape = union<ClientResult>({
  value: { value: bytesOrNull, version: nullable(version) },
  done: { version, existed: nullable(boolean) },
  committed: { version, values: list(bytesOrNull) },
  refused: {
    reason: oneOf('exists', 'absent', 'different'),
    actual: bytesOrNull,
    version: nullable(version),
  },
  stabilized: { nodes: list(name), rounds: count, messages: count },
  error: { code: oneOf(...errorCodes), definite: boolean, message: text },
});
