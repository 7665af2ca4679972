import type { Stabilization } from '../client/stabilize.js';
import { compareNodes } from '../core/node-order.js';
import { relayingModes } from '../protocols/relaying.js';
import { note, printJson } from '../render/output.js';
import { printTable } from '../render/print-table.js';
import { usageError } from './values.js';

/** Throws `bad-request` when this mode has no stabilize. */
export function checkStabilizes(mode: string): void {
  if (relayingModes.includes(mode)) return;
  throw usageError(
    `mode ${mode} has no stabilize`,
    '`kvx verify` waits for its replicas to agree.',
  );
}

/** Prints each part: its nodes, and what it took. */
export function printStabilization(
  cluster: string,
  { parts, unreachable }: Stabilization,
  how: { readonly json: boolean },
): void {
  if (how.json) {
    printJson({ cluster, parts, unreachable });
    return;
  }
  printTable(
    [
      { title: 'PART' },
      { title: 'NODES' },
      { title: 'ROUNDS', align: 'right' },
      { title: 'MESSAGES', align: 'right' },
    ],
    parts.map(({ nodes, rounds, messages }, at) =>
      [at + 1, [...nodes].sort(compareNodes).join(' '), rounds, messages].map(String),
    ),
  );
  for (const { node, why } of unreachable) note(`${node} is in no part: ${why}`);
}
