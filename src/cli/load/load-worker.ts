/** What a worker thread of `kvx bench` runs: one part of the load. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { LocalPart } from '../../bench/part.js';
import { ClientLinks } from '../../client/client-links.js';
import { KvxError } from '../../core/errors.js';
import type { LinkRules } from '../../faults/link-rules.js';
import { useOwnModes } from '../../node/own-modes.js';
import { useStraightShapes } from '../../node/straight-shapes.js';
import { realTiming } from '../../node/timing.js';
import { busyShareOf } from './busy-share.js';
import { askedNodes } from './cluster-links.js';
import type { PartAnswer, PartData, PartOrder } from './load-threads.js';

useOwnModes();
useStraightShapes();
serve(parentPort as MessagePort, workerData as PartData);

function serve(port: MessagePort, { folder, node, rules: rulesNow, ...plan }: PartData): void {
  let rules: LinkRules = rulesNow;
  const links = new ClientLinks({ name: null, rules: () => rules, timing: realTiming });
  const endpoints = askedNodes({ folder }, node);
  const over = new AbortController();
  const part = new LocalPart({
    ...{ ...plan, timing: realTiming, links, recorder: null, signal: over.signal },
    ...{ endpoints: () => links.around(endpoints()), busyShare: busyShareOf() },
  });
  const answer = (it: PartAnswer): void => port.postMessage(it);
  const answerWith = (work: Promise<PartAnswer>): void => {
    work.then(answer, (error: unknown) => {
      if (!(error instanceof KvxError)) throw error;
      const { message, code, definite, hint } = error;
      answer({ type: 'error', error: { message, code, definite, hint } });
    });
  };
  port.on('message', (order: PartOrder) => {
    switch (order.type) {
      case 'prepare':
        return answerWith(part.prepare().then(() => ({ type: 'prepared' })));
      case 'run':
        return answerWith(part.run().then((end) => ({ type: 'ended', end })));
      case 'take':
        return answerWith(part.take().then((news) => ({ type: 'taken', news })));
      case 'begin':
        return part.begin(order.phase, order.isFault);
      case 'rules':
        rules = order.rules;
        return;
      case 'stop':
        return part.stop();
      case 'abort':
        return over.abort();
    }
  });
}
