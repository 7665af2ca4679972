/**
 * What clients ask of one key, answered at once from this node's own store.
 *
 * A session's floor (Terry et al., Session Guarantees for Weakly Consistent Replicated Data, PDIS 1994) says what its
 * client has seen: of a get, and of a write that looks first, the version of this key below which the answer may not be;
 * of any write, the stamp above which it has to be. A replica that can't keep to the first says so: `behind`. The second
 * it can keep to by advancing its clock, unless the stamp is one that no node can have given out by now.
 */

import type { NodeId } from '../../core/ids.js';
import { numberBound } from '../../core/number-bound.js';
import type { ClientRequest, ClientResult, KeyOperation } from '../../core/operation.js';
import type { StoredEntry } from '../../core/replica.js';
import { errorResult, unavailable } from '../../core/results.js';
import { isNewer, type Version } from '../../core/version.js';
import { refusedBy, valueToWrite } from '../shared/evaluate.js';
import type { Ctx } from './messages.js';
import { bounds } from './options.js';
import type { Parts } from './parts.js';
import type { Rumours } from './rumours.js';

export function leaving(self: NodeId): ClientResult {
  return unavailable(`${self} is being removed and takes no writes; nothing was written`);
}

export class Service {
  readonly #parts: Parts;
  readonly #rumours: Rumours;

  constructor(parts: Parts, rumours: Rumours) {
    this.#parts = parts;
    this.#rumours = rumours;
  }

  answer(operation: KeyOperation, { floor }: ClientRequest, ctx: Ctx): ClientResult {
    const { clock, store } = this.#parts;
    const { stamp = 0, version = null } = floor ?? {};
    if (stamp > clock.last && stamp > numberBound(ctx.wallClock - bounds.floorMarginMs)) {
      return behind(ctx);
    }
    const looksFirst = operation.type !== 'put' && operation.type !== 'delete';
    const held = looksFirst ? store.get(operation.key) : undefined;
    if (looksFirst && version !== null && this.#isBehind(held, version)) return behind(ctx);
    if (operation.type === 'get') {
      return { type: 'value', value: held?.value ?? null, version: held?.version ?? null };
    }
    const refused = refusedBy(operation, held);
    if (refused !== null) return refused;
    clock.observe(stamp);
    return this.#write(operation, ctx);
  }

  #write(operation: Exclude<KeyOperation, { type: 'get' }>, ctx: Ctx): ClientResult {
    const { clock, store } = this.#parts;
    const { key } = operation;
    const existed = store.holdsValue(key);
    const version: Version = { stamp: clock.tick(), node: ctx.self };
    const entry = { key, version, value: valueToWrite(operation) };
    store.accept(entry, ctx);
    this.#rumours.heat(entry, 0, ctx);
    return { type: 'done', version, existed };
  }

  /** Where nothing is held of what was deleted and collected, nothing is missing. */
  #isBehind(held: StoredEntry | undefined, floor: Version): boolean {
    if (held === undefined) return !this.#parts.store.hasHad(floor);
    return isNewer(floor, held.version);
  }
}

function behind({ self }: Ctx): ClientResult {
  return errorResult('behind', true, `${self} is behind what this session has seen (ERR_DEP)`);
}
