/** Operations that make single nodes slow, their clocks wrong and their disks bad: each says in a line what it did. */

import { formatDuration } from '../config/duration.js';
import { usageError } from '../core/errors.js';
import { show } from '../core/show.js';
import { type NodeFaults, nodeFaultsOf, partsOf, withoutParts } from '../faults/active.js';
import { line } from '../render/page.js';
import { type Capability, checkCapable } from '../targets/target.js';
import { argument, nodeArgument, textFlag } from './flags.js';
import { commandWords, toBytes, toDelay, toDrift, toOffset } from './given.js';
import { type Described, type OperationCall, type OperationEntry, operation } from './operation.js';

interface NodeChange {
  /** Take the place of what was said before of the same parts. */
  readonly faults: Partial<NodeFaults> | null;
  /** Parts that are as they should be again. */
  readonly mends?: string;
  /** What it did, in words that go on after the node's name. */
  readonly told: string;
}

function breaking(words: Described, change: (call: OperationCall) => NodeChange): OperationEntry {
  return operation({
    ...words,
    run: async (call) => {
      const { context, given } = call;
      const node = given.text('NODE') ?? '';
      const { faults, mends, told } = change(call);
      const parts = partsOf(faults ?? {});
      const isGone = (part: string): boolean =>
        mends === undefined ? parts.includes(part) : part.startsWith(mends);
      await context.changeFaults(commandWords(words, given), (before) => ({
        kept: withoutParts(before, node, isGone),
        effect: faults === null ? null : { type: 'node', node, faults },
      }));
      const { target, spec } = context;
      // All that is wrong with it now.
      return { cluster: spec.name, node, faults: nodeFaultsOf(node, target.faults()), told };
    },
    json: ({ told: did, ...document }) => ({ ...document, did }),
    page: ({ node, told }) => [line(`${node}: ${told}`)],
  });
}

export const faultClock = breaking(
  {
    name: 'fault clock',
    summary: 'Set the wall clock of a node wrong: ahead, behind, or drifting.',
    description:
      'It jumps at once, to so much ahead of the true time (+500ms) or behind it (-500ms); 0 sets it right. Timers and time-outs do not go by it.',
    examples: ['fault clock n1 +500ms', 'fault clock n2 -2s --drift 1%', 'fault clock n1 0'],
    arguments: [
      nodeArgument,
      argument('OFFSET', 'offset', 'such as +500ms, -2s or 0', { optional: true }),
    ],
    flags: [textFlag('drift', 'RATE', 'gains so much from now on, such as 1%; -1% loses it')],
  },
  ({ given, context }) => {
    const [offset, rate] = [given.text('OFFSET'), given.flag('drift')];
    if (offset === undefined && rate === undefined) {
      throw usageError('how wrong? By an OFFSET, or with --drift');
    }
    const skewMs = offset === undefined ? 0 : toOffset(offset, 'OFFSET');
    const drift = toDrift(rate ?? '0', '--drift');
    if (skewMs === 0 && drift === 0)
      return { faults: null, mends: 'clock', told: 'its wall clock is right' };
    const sinceMs = context.target.wallClock();
    const jump = `${formatDuration(Math.abs(skewMs))} ${skewMs < 0 ? 'behind' : 'ahead'}`;
    const pace = `${drift < 0 ? 'loses' : 'gains'} ${Math.abs(drift) * 1000} ms a second`;
    const told = [...(skewMs === 0 ? [] : [`is ${jump}`]), ...(drift === 0 ? [] : [pace])];
    return {
      faults: { clock: { skewMs, drift, sinceMs } },
      told: `its wall clock ${told.join(', and ')}`,
    };
  },
);

export const faultSlow = breaking(
  {
    name: 'fault slow',
    summary: 'Make a node slow: each of its turns begins so much later.',
    description:
      'What arrives meanwhile is taken in the same turn, so it answers late but not less. 0 ends it.',
    examples: ['fault slow n1 20ms', 'fault slow n1 0'],
    arguments: [nodeArgument, argument('DELAY', 'delay', 'such as 20ms; 0: as fast as it is')],
  },
  ({ given }) => {
    const turnDelayMs = toDelay(given.text('DELAY') ?? '', 'DELAY');
    if (turnDelayMs === 0)
      return { faults: null, mends: 'turnDelayMs', told: 'its turns begin at once' };
    return {
      faults: { turnDelayMs },
      told: `its turns begin ${formatDuration(turnDelayMs)} late`,
    };
  },
);

const powerCut: readonly Capability[] = ['cut the power of nodes'];

/** How a disk may be bad; what each needs of the target. */
const diskFaults = {
  ok: [],
  slow: [],
  fail: [],
  full: [],
  torn: powerCut,
  lost: powerCut,
  corrupt: ['damage disks'],
} as const satisfies Readonly<Record<string, readonly Capability[]>>;

type DiskWord = keyof typeof diskFaults;
const diskWords = Object.keys(diskFaults);

export const faultDisk = breaking(
  {
    name: 'fault disk',
    summary: 'Make the disk of a node slow, failing or full; in the simulator, also unreliable.',
    description:
      'slow TIME: each sync takes so much longer. fail: syncs fail, so the node stops at the next one and does not start. full [BYTES]: so much more fits, 0 when left out, counted anew when the node starts. In the simulator, torn and lost: what a power cut makes of writes that were not synced; corrupt: a bit that was synced is another one. ok: all of that ends. A node that stopped starts with `node restart`.',
    examples: ['fault disk n1 slow 20ms', 'fault disk n3 full 64KiB', 'fault disk n2 ok'],
    arguments: [
      nodeArgument,
      argument('HOW', 'words', diskWords.join(', '), { options: diskWords }),
      argument('AMOUNT', 'amount', 'of slow: a time; of full: bytes, such as 64KiB', {
        optional: true,
      }),
    ],
  },
  ({ given, context }) => {
    const how = given.text('HOW') as DiskWord;
    const amount = given.text('AMOUNT');
    checkCapable(context.target, `fault disk ${how}`, diskFaults[how]);
    if (amount !== undefined && how !== 'slow' && how !== 'full') {
      throw usageError(`\`fault disk NODE ${how}\` takes no more words, not ${show(amount)}`);
    }
    return diskChange(how, amount);
  },
);

function diskChange(how: DiskWord, amount: string | undefined): NodeChange {
  switch (how) {
    case 'ok':
      return { faults: null, mends: 'disk.', told: 'its disk is good' };
    case 'slow': {
      if (amount === undefined)
        throw usageError('`fault disk NODE slow` needs a time, such as 20ms');
      const syncDelayMs = toDelay(amount, 'AMOUNT');
      if (syncDelayMs === 0) {
        return { faults: null, mends: 'disk.syncDelayMs', told: 'its syncs are as fast as ever' };
      }
      const told = `each sync takes ${formatDuration(syncDelayMs)} longer`;
      return { faults: { disk: { syncDelayMs } }, told };
    }
    case 'fail':
      return {
        faults: { disk: { failsSyncs: true } },
        told: 'syncs fail; it stops at the next one',
      };
    case 'full': {
      const roomBytes = amount === undefined ? 0 : toBytes(amount, 'AMOUNT');
      const told = roomBytes === 0 ? 'its disk is full' : `its disk has room for ${amount} more`;
      return { faults: { disk: { roomBytes } }, told };
    }
    case 'torn':
    case 'lost':
      return {
        faults: { disk: { unsynced: how } },
        told: `what is not synced is ${how} when its power is cut`,
      };
    case 'corrupt':
      return {
        faults: { disk: { isDamaged: true } },
        told: 'a bit on its disk is another one; it finds out when it starts',
      };
  }
}
