/**
 * `kvx/protocol`: what a mode of one's own is written with. Its module needs no more than the types:
 *
 * ```ts
 * import type { ModeFactory } from 'kvx/protocol';
 *
 * const mine: ModeFactory = (kit) => ({
 *   name: 'mine',
 *   summary: 'what it does',
 *   protocol: { message, record, create },
 * });
 * export default mine;
 * ```
 *
 * In plain JavaScript `@import` and `@type` in comments say the same.
 *
 * `kvx sim --mode ./mine.js` and whatever else names a mode then runs it. `kit` is here for tests of its parts.
 */
export type { Millis, NodeId, RequestId } from '../core/ids.js';
export type { Key } from '../core/key.js';
export type {
  ClientRequest,
  ClientResult,
  DataOperation,
  KeyOperation,
  Level,
  LevelName,
  Operation,
  SessionFloor,
  SessionStamp,
  Transaction,
} from '../core/operation.js';
export type { ProtocolEvent } from '../core/protocol-event.js';
export type { Random } from '../core/random.js';
export type {
  Context,
  KeyVisit,
  Protocol,
  ProtocolTypes,
  Rejoin,
  Replica,
  ReplicaSetup,
  ReplicaView,
  StoredEntry,
} from '../core/replica.js';
export type { SessionSupport } from '../core/session.js';
export type { Version } from '../core/version.js';
export type { Shape, Shaped } from '../core/wire.js';
export type {
  Consistency,
  Feature,
  Glance,
  Membership,
  ModeProfile,
} from '../protocols/catalog.js';
export { type Kit, kit } from '../protocols/own/kit.js';
export type { ModeFactory, OwnMode, OwnSimulation } from '../protocols/own/own-mode.js';
export type { EntryTable } from '../protocols/shared/entry-table.js';
export type { Evaluation } from '../protocols/shared/evaluate.js';
export type { ModeOption } from '../protocols/shared/mode-options.js';
