/** Clients of a random schedule, their sessions, and what they must never see. */
import type { NodeId, RequestId } from '../../../core/ids.js';
import type { ClientResult, KeyOperation } from '../../../core/operation.js';
import { compareVersions, isNewer, type Version } from '../../../core/version.js';
import { text } from './cluster.js';
import { floor, versionOf } from './operations.js';

export interface Done {
  readonly client: Client;
  readonly operation: KeyOperation;
  readonly through: NodeId;
  /** What the session had seen of the key when it asked. */
  readonly seen: Version | null;
  readonly stamp: number;
  readonly invokedAt: number;
  returnedAt: number;
  /** `null`: not answered, or the node died first. */
  result: ClientResult | null;
}

/** What one client has read and written: read your writes, monotonic reads and, for some, monotonic writes. */
export class Client {
  readonly #seen = new Map<string, Version>();
  #stamp = 0;
  pending: RequestId | null = null;

  constructor(
    readonly name: string,
    readonly ordersWrites: boolean,
  ) {}

  floorOf(operation: KeyOperation) {
    return floor(this.#seen.get(operation.key) ?? null, this.ordersWrites ? this.#stamp : 0);
  }

  learn({ operation, result }: Done): void {
    const version = result === null ? null : versionOf(result);
    if (version === null) return;
    if (isNewer(version, this.#seen.get(operation.key) ?? null)) {
      this.#seen.set(operation.key, version);
    }
    this.#stamp = Math.max(this.#stamp, version.stamp);
  }
}

export const writtenBy = ({ operation }: Done): string | null => {
  if (operation.type === 'get' || operation.type === 'delete') return null;
  return text(operation.value);
};

export const isDelete = ({ operation }: Done): boolean =>
  operation.type === 'delete' || (operation.type === 'cas' && operation.value === null);

/** Why an answer breaks a promise to its session; `null` when it keeps all. */
export function wrongAnswer(done: Done, all: readonly Done[]): string | null {
  const { result, operation, seen, stamp } = done;
  if (result === null || result.type === 'error') return null;
  const version = versionOf(result);
  if (result.type === 'done' && result.version.stamp <= stamp) {
    return `a write got stamp ${result.version.stamp} in a session that had seen ${stamp}`;
  }
  const looks = operation.type !== 'put' && operation.type !== 'delete';
  if (!looks || seen === null) return null;
  if (version !== null && compareVersions(version, seen) >= 0) return null;
  if (version === null && result.type !== 'done') {
    // Nothing is there: some delete that covers what was seen has been collected.
    if (all.some((other) => couldHaveDeleted(other, operation.key, seen))) return null;
  }
  return `${operation.type} ${operation.key} of ${done.client.name} at ${done.through} shows ${show(version)} after ${show(seen)}`;
}

/** A delete of `key`, done or of unknown outcome, that may have removed what was seen. */
export function couldHaveDeleted(done: Done, key: string, seen: Version): boolean {
  if (done.operation.key !== key || !isDelete(done)) return false;
  if (done.result === null) return true;
  return done.result.type === 'done' && compareVersions(done.result.version, seen) >= 0;
}

export function show(version: Version | null | undefined): string {
  return version === null || version === undefined ? '-' : `${version.stamp}/${version.node}`;
}
