import { KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { oneLine } from '../core/show.js';
import type { Shape } from '../core/wire.js';
import { FrameSocket } from '../node/frame-socket.js';
import { dialStraight } from '../node/straight-bytes.js';
import { framesVersion, hello } from '../runtime/links/client-frames.js';

/** What is shown of the reason for hanging up. */
const reasonCharsMax = 200;

interface AnyAnswer {
  readonly type: string;
  readonly reason?: string;
}

export interface Question<Q, A extends AnyAnswer> {
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
 * One frame there, one back. Rejects with a `cluster` KvxError: definite when nobody listens or we are not welcome; not
 * when the answer did not come, since what was sent may still be read and done.
 */
export function ask<Q, A extends AnyAnswer>(ask: Question<Q, A>): Promise<A> {
  return new Promise((resolve, reject) => {
    let sent = false;
    const fail = (why: string): void => {
      clearTimeout(timer);
      frames.destroy();
      reject(
        new KvxError(`${ask.who} does not answer: ${why}`, { code: 'cluster', definite: !sent }),
      );
    };
    const timer = setTimeout(() => fail(`nothing came in ${ask.timeoutMs} ms`), ask.timeoutMs);
    let isWelcome = false;
    const take = (answer: A): void => {
      if (answer.type === 'welcome') {
        isWelcome = true;
      } else if (answer.type === 'leader') {
        // Told to everybody, and no answer.
      } else if (answer.type === 'closing') {
        sent &&= isWelcome;
        fail(oneLine(answer.reason ?? '', reasonCharsMax));
      } else {
        clearTimeout(timer);
        frames.end();
        resolve(answer);
      }
    };
    const frames = new FrameSocket((take) => dialStraight(ask.path, take), {
      onItems: (items) => {
        for (const answer of items.rest(ask.answer)) take(answer);
      },
      onBroken: fail,
      onClosed: (reason) => fail(reason ?? 'it hung up'),
    });
    frames.socket.once('connect', () => {
      sent = true;
      const { cluster } = ask;
      // The question does not wait for the welcome: a node that stands still is to find it when it goes on.
      frames.write(hello, [{ type: 'client', version: framesVersion, cluster }]);
      frames.write(ask.question, [ask.frame]);
    });
  });
}
