/**
 * What the log holds: in each slot a batch of commands.
 *
 * Lamport's state machine approach (2001, section 3): servers execute the same commands in the same order. We put all
 * commands that a turn gathered into one slot, so one round of messages and one sync serve them all (Chandra et al.
 * 2007, section 4.2 does so with several values in one Paxos instance). An empty batch is Lamport's *no-op* "that
 * leaves the state unchanged" and fills a gap.
 */
import type { NodeId } from '../../core/ids.js';
import { type AdminOperation, operationVariants } from '../../core/operation.js';
import { operationBytes } from '../../core/operation-bytes.js';
import { Packable, packable } from '../../core/packed.js';
import type { Version } from '../../core/version.js';
import * as wire from '../../core/wire.js';
import { counter } from '../shared/number-guard.js';

/** 1, 2, 3, … */
export type Slot = number;

export type Reconfiguration = Extract<AdminOperation, { readonly type: 'reconfigure' }>;

const { get: _get, stabilize: _stabilize, ...loggedVariants } = operationVariants;
/** What changes the state. A read is no command, see `coordinator/read-index.ts`. */
const loggedOperation = wire.union(loggedVariants);
export type LoggedOperation = wire.Shaped<typeof loggedOperation>;

/** A command is known by its session stamp: whoever meets the same stamp twice meets a retry. */
export const commandShape = wire.struct({
  client: wire.name,
  sequence: counter,
  operation: loggedOperation,
});
export type Command = wire.Shaped<typeof commandShape>;

const batchFields = wire.struct({
  /** Who made it; not always who gets it chosen. */
  proposer: wire.name,
  commands: wire.list(commandShape),
});

export type Batch = wire.Shaped<typeof batchFields>;

/** Encoded once, by its proposer, however many nodes accept it. */
class PackableBatch extends Packable implements Batch {
  readonly proposer: NodeId;
  readonly commands: readonly Command[];

  constructor({ proposer, commands }: Batch) {
    super();
    this.proposer = proposer;
    this.commands = commands;
  }
}

export const newBatch = (fields: Batch): Batch => new PackableBatch(fields);
export const batchShape = packable(batchFields, newBatch);

export const commandsPerBatchMax = 4096;

/** A slot counts for as many numbers as the stamps that it stands for. */
export const slotShape = wire.counted(wire.count, commandsPerBatchMax);

/** No two commands of the log share a version, and versions grow in the order of the log. */
export function versionAt(slot: Slot, index: number, batch: Batch): Version {
  return { stamp: slot * commandsPerBatchMax + index, node: batch.proposer };
}

/** The slot in which a version was given out. */
export function slotOf(stamp: number): Slot {
  return Math.floor(stamp / commandsPerBatchMax);
}

/** Every version given out up to this slot has a lower stamp, every later one has not. */
export function stampLimit(slot: Slot): number {
  return (slot + 1) * commandsPerBatchMax;
}

/** More than the numbers and the framing of one item take on the wire. */
export const itemOverheadBytes = 48;

/** About how many bytes a command takes in a message or a record; never less. */
export function commandBytes({ client, operation }: Command): number {
  return itemOverheadBytes + client.length + operationBytes(operation);
}

export function batchBytes(batch: Batch): number {
  let bytes = itemOverheadBytes;
  for (const command of batch.commands) bytes += commandBytes(command);
  return bytes;
}

/** The same commands, by their stamps. */
export function sameBatch(a: Batch, b: Batch): boolean {
  if (a === b) return true;
  if (a.proposer !== b.proposer || a.commands.length !== b.commands.length) return false;
  return a.commands.every((command, at) => {
    const other = b.commands[at] as Command;
    return command.client === other.client && command.sequence === other.sequence;
  });
}

/** Which batch it is, for who compares nodes. */
export function showBatch({ proposer, commands }: Batch): string {
  const stamps = commands.map(({ client, sequence }) => `${client}#${sequence}`);
  return `${stamps.join(' ') || 'no-op'} of ${proposer}`;
}
