/**
 * What a cluster knows of its nodes' journals, kept outside of their data folders: a data folder that is lost, cut or put
 * back from an older copy is told by it. See `runtime/admission.ts`.
 *
 * `<cluster>/marks/<node>`: two slots of 64 bytes, written in turn and in place, so that one of them is whole whatever
 * happens. A node writes after each sync of its log, without a sync of its own: a killed process loses nothing of it, and
 * after a power cut an older slot is as true. `<cluster>/marks/<node>.order`: the node is to start without its past.
 */
import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from '../../core/crc32.js';
import type { Millis, NodeId } from '../../core/ids.js';
import type { Rejoin } from '../../core/replica.js';
import { syncFolder } from '../../node/sync-folder.js';
import type { Mark } from '../../runtime/admission.js';
import type { LogEnd } from '../../runtime/ports.js';
import { isMissing, readIfThere, writeAtomically } from './files.js';
import { bootId } from './pidfile.js';

const slotBytes = 64;
/** With sync off the log grows without a pause, and is no safer than its mark. */
const unsyncedGapMs: Millis = 100;

const marksFolder = (folder: string): string => join(folder, 'marks');
const markFile = (folder: string, node: NodeId): string => join(marksFolder(folder), node);
const orderFile = (folder: string, node: NodeId): string => `${markFile(folder, node)}.order`;

/** The mark of one running node; nobody else writes it. */
export class JournalMark {
  readonly #folder: string;
  readonly #node: NodeId;
  readonly #gapMs: Millis;
  readonly #slot = Buffer.alloc(slotBytes);
  #descriptor: number | null = null;
  #incarnation = 0;
  #count: number;
  #notedAt: Millis = Number.NEGATIVE_INFINITY;
  #latest: LogEnd | null = null;

  constructor(folder: string, node: NodeId, isSynced: boolean) {
    this.#folder = folder;
    this.#node = node;
    this.#gapMs = isSynced ? 0 : unsyncedGapMs;
    this.#count = readSlots(folder, node)?.count ?? 0;
  }

  /** The first mark of this start, synced: from now on the node counts as one that has been there. */
  begin(incarnation: number, end: LogEnd): void {
    this.#incarnation = incarnation;
    mkdirSync(marksFolder(this.#folder), { recursive: true, mode: 0o700 });
    const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
    const file = markFile(this.#folder, this.#node);
    this.#descriptor = openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    this.#write(end);
    fsyncSync(this.#descriptor);
    syncFolder(marksFolder(this.#folder));
  }

  get hasBegun(): boolean {
    return this.#descriptor !== null;
  }

  /** Everything up to `end` is durable. */
  note(end: LogEnd): void {
    this.#latest = end;
    if (this.#gapMs > 0) {
      const now = performance.now();
      if (now - this.#notedAt < this.#gapMs) return;
      this.#notedAt = now;
    }
    this.#write(end);
  }

  close(): void {
    if (this.#descriptor === null) return;
    if (this.#latest !== null) this.#write(this.#latest);
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #write(end: LogEnd): void {
    if (this.#descriptor === null) return;
    this.#count += 1;
    const slot = this.#slot;
    slot.writeDoubleLE(this.#count, 0);
    slot.writeDoubleLE(this.#incarnation, 8);
    slot.writeDoubleLE(end.segment, 16);
    slot.writeDoubleLE(end.bytes, 24);
    slot.writeUInt32LE(bootMark(), 32);
    slot.writeUInt32LE(crc32(slot.subarray(0, slotBytes - 4)), slotBytes - 4);
    writeSync(this.#descriptor, slot, 0, slotBytes, (this.#count % 2) * slotBytes);
  }
}

/**
 * `null` when there is none that can be read. What was not synced may be gone after the machine has started anew; then
 * only the incarnation counts, which always is.
 */
export function readMark(folder: string, node: NodeId, isSynced: boolean): Mark | null {
  const slots = readSlots(folder, node);
  if (slots === null) return null;
  const { incarnation, end, boot } = slots;
  const mayLag = !isSynced && boot !== bootMark();
  return { incarnation, end: mayLag ? { segment: 0, bytes: 0 } : end };
}

/** Nobody will know any more that there was such a node. */
export function forgetMark(folder: string, node: NodeId): void {
  rmSync(markFile(folder, node), { force: true });
  rmSync(orderFile(folder, node), { force: true });
}

/** How its earlier self was taken out of the cluster. */
export type Removal = Rejoin['removal'];

/** How a node is to start without its past. */
export type RejoinOrder =
  /** It had one: it begins anew. */
  | { readonly type: 'rejoin'; readonly removal: Removal }
  /** It has none, though peers may have met a node of this name that was never a member. */
  | { readonly type: 'new' };

export function giveOrder(folder: string, node: NodeId, order: RejoinOrder): void {
  mkdirSync(marksFolder(folder), { recursive: true, mode: 0o700 });
  writeAtomically(orderFile(folder, node), JSON.stringify(order));
}

/** `null` when there is none. */
export function orderFor(folder: string, node: NodeId): RejoinOrder | null {
  const text = readIfThere(orderFile(folder, node));
  return text === null ? null : (JSON.parse(text) as RejoinOrder);
}

/** What the node made of it is durable in its journal. */
export function orderDone(folder: string, node: NodeId): void {
  rmSync(orderFile(folder, node), { force: true });
}

interface Slot extends Mark {
  readonly count: number;
  readonly boot: number;
}

function readSlots(folder: string, node: NodeId): Slot | null {
  const bytes = readBytes(markFile(folder, node));
  let newest: Slot | null = null;
  for (let at = 0; at + slotBytes <= bytes.length; at += slotBytes) {
    const slot = parseSlot(bytes.subarray(at, at + slotBytes));
    if (slot !== null && (newest === null || slot.count > newest.count)) newest = slot;
  }
  return newest;
}

function parseSlot(slot: Buffer): Slot | null {
  if (slot.readUInt32LE(slotBytes - 4) !== crc32(slot.subarray(0, slotBytes - 4))) return null;
  const count = slot.readDoubleLE(0);
  // Zeros are no mark, though their checksum may fit.
  if (count === 0) return null;
  const end = { segment: slot.readDoubleLE(16), bytes: slot.readDoubleLE(24) };
  return { count, incarnation: slot.readDoubleLE(8), end, boot: slot.readUInt32LE(32) };
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (isMissing(error)) return Buffer.alloc(0);
    throw error;
  }
}

let knownBoot: number | null = null;

function bootMark(): number {
  knownBoot ??= crc32(Buffer.from(bootId()));
  return knownBoot;
}
