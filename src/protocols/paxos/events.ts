/** What a node tells those who watch it. */
import type { EventName } from '../../core/protocol-event.js';
import { type Ballot, showBallot } from './ballot.js';
import type { Command } from './command.js';
import type { Ctx } from './messages.js';

export function tellBallot(what: EventName, ballot: Ballot, ctx: Ctx): void {
  const detail = `ballot ${showBallot(ballot)}`;
  ctx.tell(ballot.node === ctx.self ? { what, detail } : { what, node: ballot.node, detail });
}

/** A command that was executed may have changed who belongs to the cluster. */
export function tellOfMember({ operation }: Command, ctx: Ctx): void {
  if (operation.type !== 'reconfigure') return;
  const what = operation.change === 'add' ? 'adds the member' : 'removes the member';
  ctx.tell({ what, node: operation.node });
}
