/** Commands about the connection itself. */
import type { Command } from '../command.js';
import { bulk, ok, type RespReply } from '../replies.js';

const pong: RespReply = { type: 'simple', text: 'PONG' };

export const connectionCommands: readonly Command[] = [
  {
    ...{ kind: 'plain', name: 'PING', arity: -1, flags: ['fast'], keys: [0, 0, 0] },
    ...{ group: 'connection', summary: 'Says PONG, or what it is given.' },
    run: ([, message]) => (message === undefined ? pong : bulk(message)),
  },
  {
    ...{ kind: 'plain', name: 'QUIT', arity: -1, flags: ['fast'], keys: [0, 0, 0] },
    ...{ group: 'connection', summary: 'Says OK and closes the connection.' },
    isForStrangers: true,
    run(_, client) {
      client.end();
      return ok;
    },
  },
];
