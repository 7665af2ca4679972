/**
 * Hinted handoff (Dynamo, SOSP 2007, section 4.6): writes that a replica has missed wait at the coordinator.
 *
 * A hint is kept, durably, when a replica is believed to be out of reach at the time of the write, or has not
 * acknowledged it by the operation's end. Once the target is alive the hints are handed over in batches, one batch on
 * its way at a time, and each is forgotten when the target has acknowledged it. Per target and key only the newest
 * write counts.
 *
 * Unlike Dynamo's sloppy quorum a hint never counts towards W: an acknowledged write is on W of the key's own replicas.
 * So hints may be dropped where they would grow past their bounds; anti-entropy brings the rest.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { StoredEntry } from '../../core/replica.js';
import { compareVersions, type Version } from '../../core/version.js';
import { firstOf } from '../shared/batches.js';
import { bytesOfEntry, type KeyVersion } from '../shared/leaf-exchange.js';
import type { FailureDetector } from './failure-detector.js';
import type { Ctx } from './messages.js';
import type { QuorumOptions } from './options.js';
import type { DurableRecord } from './records.js';

/** `resendMs`: how long a batch may be on its way before it counts as lost. */
type HintBounds = Pick<QuorumOptions, 'hintsMax' | 'hintBytesMax' | 'resendMs'>;

export class Hints {
  readonly #bounds: HintBounds;
  readonly #byTarget = new Map<NodeId, Map<Key, StoredEntry>>();
  /** When the batch on its way to each target was sent. */
  readonly #sentAt = new Map<NodeId, Millis>();
  #count = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(bounds: HintBounds) {
    this.#bounds = bounds;
  }

  get count(): number {
    return this.#count;
  }

  /** Hints that found no room since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  countFor(target: NodeId): number {
    return this.#byTarget.get(target)?.size ?? 0;
  }

  /** Targets believed alive for which there are hints. */
  livingTargets(detector: FailureDetector): NodeId[] {
    return [...this.#byTarget.keys()].filter(
      (target) => this.countFor(target) > 0 && detector.isAlive(target),
    );
  }

  keep(target: NodeId, entry: StoredEntry, ctx: Ctx): void {
    const held = this.#byTarget.get(target)?.get(entry.key);
    if (held !== undefined && compareVersions(entry.version, held.version) <= 0) return;
    const bytes = bytesOfEntry(entry) - (held === undefined ? 0 : bytesOfEntry(held));
    const count = held === undefined ? 1 : 0;
    const { hintsMax, hintBytesMax } = this.#bounds;
    if (this.#count + count > hintsMax || this.#bytes + bytes > hintBytesMax) {
      this.#dropped += 1;
      return;
    }
    if (this.countFor(target) === 0) ctx.tell({ what: 'keeps hints for', node: target });
    this.#put(target, entry);
    const { key, version, value } = entry;
    ctx.persist({ type: 'hint', target, key, version, value });
  }

  /** Offers hints to each living target that has no batch on its way. */
  handOff(detector: FailureDetector, ctx: Ctx): void {
    for (const target of this.#byTarget.keys()) {
      const sentAt = this.#sentAt.get(target);
      const waiting = sentAt !== undefined && ctx.now - sentAt < this.#bounds.resendMs;
      if (detector.isAlive(target) && !waiting) this.#sendBatch(target, ctx);
    }
  }

  /** The target holds these versions or newer ones: forgets what it needed them for, and goes on. */
  onHanded(target: NodeId, handed: readonly KeyVersion[], ctx: Ctx): void {
    let forgotten = 0;
    for (const { key, version } of handed) {
      if (!this.#forget(target, key, version)) continue;
      ctx.persist({ type: 'handed', target, key, version });
      forgotten += 1;
    }
    // An acknowledgement that comes twice must not set two batches on their way.
    if (forgotten === 0) return;
    this.#sentAt.delete(target);
    if (this.countFor(target) > 0) this.#sendBatch(target, ctx);
    else ctx.tell({ what: 'has handed all hints to', node: target });
  }

  /** Drops every hint for `key` that is older than `version`: its targets are known to hold that version. */
  dropOlder(key: Key, version: Version, ctx: Ctx): void {
    for (const [target, hints] of this.#byTarget) {
      const held = hints.get(key);
      if (held === undefined || compareVersions(held.version, version) >= 0) continue;
      this.#forget(target, key, held.version);
      ctx.persist({ type: 'handed', target, key, version: held.version });
    }
  }

  recover(record: Extract<DurableRecord, { type: 'hint' | 'handed' }>): void {
    if (record.type === 'handed') {
      this.#forget(record.target, record.key, record.version);
      return;
    }
    const held = this.#byTarget.get(record.target)?.get(record.key);
    if (held !== undefined && compareVersions(record.version, held.version) <= 0) return;
    this.#put(record.target, { key: record.key, version: record.version, value: record.value });
  }

  clear(): void {
    this.#byTarget.clear();
    this.#sentAt.clear();
    this.#count = 0;
    this.#bytes = 0;
  }

  *records(): Iterable<DurableRecord> {
    for (const [target, hints] of this.#byTarget) {
      for (const { key, version, value } of hints.values()) {
        yield { type: 'hint', target, key, version, value };
      }
    }
  }

  #sendBatch(target: NodeId, ctx: Ctx): void {
    const { items: entries } = firstOf(this.#byTarget.get(target)?.values() ?? [], bytesOfEntry);
    if (entries.length === 0) return;
    this.#sentAt.set(target, ctx.now);
    ctx.send(target, { type: 'handoff', entries });
  }

  #put(target: NodeId, entry: StoredEntry): void {
    const hints = this.#byTarget.get(target) ?? new Map<Key, StoredEntry>();
    this.#byTarget.set(target, hints);
    const held = hints.get(entry.key);
    if (held === undefined) this.#count += 1;
    else this.#bytes -= bytesOfEntry(held);
    this.#bytes += bytesOfEntry(entry);
    hints.set(entry.key, entry);
  }

  /** Forgets the hint unless it is newer than `version`. */
  #forget(target: NodeId, key: Key, version: Version): boolean {
    const hints = this.#byTarget.get(target);
    const held = hints?.get(key);
    if (hints === undefined || held === undefined) return false;
    if (compareVersions(held.version, version) > 0) return false;
    hints.delete(key);
    this.#count -= 1;
    this.#bytes -= bytesOfEntry(held);
    return true;
  }
}
