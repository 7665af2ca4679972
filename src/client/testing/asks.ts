/** Operations by name: what tests ask of a client. */
import type { Key } from '../../core/key.js';
import type { TransactionStep } from '../../core/operation.js';
import type { Client } from '../client.js';
import type { OperationOptions as Options } from '../pending-operation.js';

type Value = Uint8Array;

export const asks = {
  get: (client: Client, key: Key, options?: Options) =>
    client.perform({ type: 'get', key }, options),
  put: (client: Client, key: Key, value: Value, options?: Options) =>
    client.perform({ type: 'put', key, value }, options),
  delete: (client: Client, key: Key, options?: Options) =>
    client.perform({ type: 'delete', key }, options),
  insert: (client: Client, key: Key, value: Value, options?: Options) =>
    client.perform({ type: 'insert', key, value }, options),
  update: (client: Client, key: Key, value: Value, options?: Options) =>
    client.perform({ type: 'update', key, value }, options),
  cas: (client: Client, key: Key, expected: Value | null, value: Value | null, options?: Options) =>
    client.perform({ type: 'cas', key, expected, value }, options),
  transact: (client: Client, steps: readonly TransactionStep[], options?: Options) =>
    client.perform({ type: 'txn', steps }, options),
};
