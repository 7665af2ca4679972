import { connect } from 'node:net';
import { KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import type { Shape } from '../core/wire.js';
import { framesVersion, hello } from '../runtime/links/client-frames.js';
import { FrameSocket } from '../runtime/links/frame-socket.js';

export interface Question<Q, A> {
  /** The socket, and who is asked, for messages. */
  readonly path: string;
  readonly who: string;
  /** The cluster's id. */
  readonly cluster: string;
  readonly frame: Q;
  readonly question: Shape<Q>;
  readonly answer: Shape<A>;
  readonly timeoutMs: Millis;
}

/**
 * One frame there, one back. Rejects with a `cluster` KvxError: definite when nobody listens, not when the answer did
 * not come, since what was sent may still be read and done.
 */
export function ask<Q, A>(ask: Question<Q, A>): Promise<A> {
  return new Promise((resolve, reject) => {
    let sent = false;
    const socket = connect(ask.path);
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(
        new KvxError(`${ask.who} does not answer: ${why}`, { code: 'cluster', definite: !sent }),
      );
    };
    const timer = setTimeout(() => fail(`nothing came in ${ask.timeoutMs} ms`), ask.timeoutMs);
    const frames = new FrameSocket(socket, {
      onItems: ([item]) => {
        clearTimeout(timer);
        const answer = ask.answer.fromWire(item);
        frames.end();
        resolve(answer);
      },
      onBroken: fail,
      onClosed: (reason) => fail(reason ?? 'it hung up'),
    });
    socket.once('connect', () => {
      sent = true;
      const { cluster } = ask;
      frames.write([
        hello.toWire({ type: 'client', version: framesVersion, cluster }),
        ask.question.toWire(ask.frame),
      ]);
    });
  });
}
