import type { Agreement } from '../client/agreement.js';
import { compareNodes } from '../core/node-order.js';
import { keyToJson, keyToLine, versionToLine } from '../render/bytes.js';
import { exitCodes } from '../render/failure.js';
import { note, printJson, printLine } from '../render/output.js';

const shownCharactersMax = 60;
const shownCountMax = 10;

/** Prints `agree`, or the first differences by key and node. */
export function printAgreement(agreement: Agreement, how: { readonly json: boolean }): void {
  if (how.json) {
    const differences = agreement.differences.map(({ key, held }) => ({
      key: keyToJson(key),
      held,
    }));
    printJson({ ...agreement, differences });
    return;
  }
  const { agrees, keyCount, copyCount, differences, unreachable, unsettled } = agreement;
  for (const { key, held } of differences.slice(0, shownCountMax)) {
    const copies = [...held]
      // Where copies lie differs from key to key; lines are compared with each other.
      .sort((a, b) => compareNodes(a.node, b.node))
      .map(
        ({ node, version }) => `${node}=${version === null ? 'absent' : versionToLine(version)}`,
      );
    printLine(`differ ${keyToLine(key, shownCharactersMax)} ${copies.join(' ')}`);
  }
  const moreCount = differences.length - shownCountMax;
  if (moreCount > 0) printLine(`and ${counted(moreCount, 'key')} more; --json has them all`);
  for (const { node, why } of unreachable) printLine(`not compared ${node}: ${why}`);
  const compared = `${counted(keyCount, 'key')}, ${counted(copyCount, 'copy', 'copies')}`;
  if (agrees) {
    printLine('agree');
    note(`Compared ${compared}.`);
  } else if (differences.length > 0)
    note(`${differences.length} of ${counted(keyCount, 'key')} differ`);
  else note(`The nodes that were reached agree: ${compared}.`);
  if (unsettled.length > 0) note(`Still settling when time ran out: ${unsettled.join(', ')}.`);
}

/**
 * What differs while writes are under way may be about to agree, and a node that was not reached may hold anything: then
 * nobody knows.
 */
export function agreementAnswer({ agrees, differences, unsettled, unreachable }: Agreement) {
  if (agrees) return { failure: null, exitCode: exitCodes.yes };
  if (differences.length === 0)
    return {
      failure: `not reached: ${unreachable.map(({ node }) => node).join(', ')}`,
      exitCode: exitCodes.unknown,
    };
  if (unsettled.length > 0) return { failure: 'unsettled', exitCode: exitCodes.unknown };
  return { failure: 'differ', exitCode: exitCodes.no };
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
