/** The laboratory's worker: the simulator, the scenario language and the checker, apart from the page. */
import type { LabReply, LabRequest } from '../../lab/messages.js';
import { LabWork } from '../../lab/tasks.js';
import { addOwnModes, type LabModules, noModules } from './own-modes.js';

/** There is no `setImmediate`: a message to oneself comes once all promises that can be settled have been. */
function afterPromises(): (run: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (run) => {
    waiting.push(run);
    port2.postMessage(null);
  };
}

/** Columns go over whole, without being copied. */
function buffersIn(data: unknown, found: Set<ArrayBuffer>): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(data)) {
    const { buffer } = data;
    const isWhole = data.byteLength === buffer.byteLength;
    if (isWhole && buffer instanceof ArrayBuffer) found.add(buffer);
  } else if (Array.isArray(data)) {
    // Long lists are of plain things.
    if (typeof data[0] === 'object') for (const each of data.slice(0, 1000)) buffersIn(each, found);
  } else if (typeof data === 'object' && data !== null && !(data instanceof Map)) {
    for (const each of Object.values(data)) buffersIn(each, found);
  }
  return found;
}

/** Answers whoever has made this worker. */
export function serveLab(): void {
  const scope = self as unknown as {
    onmessage: (event: MessageEvent<LabRequest>) => void;
    /** Written before the worker's own code. */
    readonly kvxModules?: LabModules;
    postMessage(message: LabReply, transfer: Transferable[]): void;
  };
  const work = new LabWork({
    afterPromises: afterPromises(),
    now: () => performance.now(),
    reply: (reply) => scope.postMessage(reply, [...buffersIn(reply, new Set())]),
  });
  const added = addOwnModes(scope.kvxModules ?? noModules);
  // What is wrong with them the page says itself.
  const ready = added.catch(() => {});
  scope.onmessage = ({ data }) => void ready.then(() => work.take(data));
}
