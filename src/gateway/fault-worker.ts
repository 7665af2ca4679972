/**
 * Does for a client of a node what `kvx fault …` does. On a thread of its own: it brings all operations with it, and to load
 * them would hold the node up for longer than others wait before they suspect it.
 */
import { stripVTControlCharacters } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { openCluster } from '../cluster/state/state.js';
import { textOfBytes } from '../core/bytes.js';
import { KvxError, usageError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { encodeUtf8 } from '../core/utf8.js';
import { anyAsker, OperationContext } from '../operations/context.js';
import { Given, nothingKnown } from '../operations/given.js';
import { perform as performOperation } from '../operations/operation.js';
import { disturbances } from '../operations/table.js';
import { layOut } from '../render/lay-out.js';
import { parseCommand } from '../scenario/parse-command.js';
import { LineError } from '../scenario/script-lines.js';
import { attachedTarget } from '../targets/local.js';

const timeoutMsMax: Millis = 10_000;
const width = 80;

export interface FaultOrder {
  /** Of the cluster. */
  readonly folder: string;
  /** `fault` and what follows. */
  readonly words: readonly string[];
  /** Whom the list of faults is to name. */
  readonly by: string;
}

/** What the command line would print; or what is wrong. */
export type FaultAnswer =
  | { readonly text: string }
  | Pick<KvxError, 'code' | 'definite' | 'message'>;

async function perform({ folder, words, by }: FaultOrder): Promise<string> {
  const { command, given } = parsed(words);
  const closing = new AbortController();
  const { signal } = closing;
  const context = new OperationContext({
    ...{ targets: [attachedTarget(openCluster(folder), signal)], signal, lasts: true },
  });
  context.faultAuthor = by;
  const lines: string[] = [];
  try {
    const outcome = await performOperation(command, {
      ...{ given, context, asker: anyAsker, timeoutMsMax, json: false },
      says: () => {},
      tell: (line) => lines.push(line),
    });
    const { out, notes } = layOut(outcome.page({ width, given, where: 'command line' }));
    const texts = out.map((piece) => (typeof piece === 'string' ? piece : textOfBytes(piece)));
    const page = [
      ...lines.map((line) => `${line}\n`),
      ...texts,
      ...notes.map((note) => `${note}\n`),
    ];
    return stripVTControlCharacters(page.join('')).trimEnd();
  } finally {
    context.close();
    closing.abort();
  }
}

function parsed(words: readonly string[]) {
  try {
    let column = 1;
    const placed = words.map((word) => {
      const at = { bytes: encodeUtf8(word), quoted: false, column };
      column += word.length + 1;
      return at;
    });
    const { command, args, flags } = parseCommand(placed, column, nothingKnown);
    const operation = disturbances.find(({ name }) => name === command.name);
    if (operation === undefined || !operation.name.startsWith('fault ')) {
      const known = disturbances.filter(({ name }) => name.startsWith('fault '));
      const names = known.map(({ name }) => name.slice('fault '.length));
      throw usageError(`KVX.FAULT takes ${names.join(', ')}, not ${words.slice(1).join(' ')}`);
    }
    const bytes = [...args].map(([name, all]) => [name, all.map((word) => word.bytes)] as const);
    const texts = [...flags].map(([name, said]) => [name, said.map(({ text }) => text)] as const);
    const given = new Given(operation, { args: new Map(bytes), flags: new Map(texts) });
    return { command: operation, given };
  } catch (error) {
    if (error instanceof LineError) throw usageError(error.message);
    throw error;
  }
}

const answer = (said: FaultAnswer): void => parentPort?.postMessage(said);

perform(workerData as FaultOrder).then(
  (text) => answer({ text }),
  (error: unknown) => {
    if (!(error instanceof KvxError)) throw error;
    const { code, definite, message } = error;
    answer({ code, definite, message });
  },
);
