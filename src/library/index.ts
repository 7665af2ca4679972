/** What `import … from 'kvx'` gives: a cluster of one's own, its clients and its faults. */
export { type ErrorCode, KvxError } from '../core/errors.js';
export type { Level } from '../core/operation.js';
export type { Version } from '../core/version.js';
export type { History } from '../history/history.js';
export {
  type Aborted,
  type AskOptions,
  type Bytes,
  Client,
  type Committed,
  type Read,
  type Refused,
  type Step,
  type Written,
} from './client.js';
export {
  type Answer,
  type ClientOptions,
  Cluster,
  type ClusterRuntime,
  connect,
  type StartOptions,
  startCluster,
} from './cluster.js';
