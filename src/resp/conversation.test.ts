import { describe, expect, it } from 'vitest';
import type { NodeConnection, Requester } from '../client/endpoint.js';
import { connectionLimits } from '../core/limits.js';
import type { ClientResult, Operation } from '../core/operation.js';
import { errorResult } from '../core/results.js';
import { profileOf } from '../protocols/catalog.js';
import type { RespNode } from './command.js';
import { RespConversation } from './conversation.js';
import { respLimits } from './limits.js';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const textOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

interface Asked {
  readonly operation: Operation;
  readonly requester: Requester;
}

/** A conversation with a node that answers when the test says so, and a client that reads when the test says so. */
class Talk {
  readonly conversation: RespConversation;
  readonly asked: Asked[] = [];
  /** What the client has been told. */
  said = '';
  isClosed = false;
  bytesWaiting = 0;
  unread = 0;
  #toFlush = false;

  constructor(password: string | null = null) {
    const connection = {
      ...{ node: 'n1', isOpen: true, onLeader: () => {}, close: () => {} },
      request: (operation: Operation, _: unknown, requester: Requester) =>
        this.asked.push({ operation, requester }),
    };
    const node = {
      ...{ node: 'n1', mode: profileOf('2pc'), modeOptions: {}, password },
      timing: {
        now: () => 0,
        random: () => 0,
        after: () => () => {},
        wait: (begin: never) => new Promise(begin),
      },
      ...{ wallClock: () => 0, connect: () => connection as never as NodeConnection },
      counts: { clients: 0, commands: 0 },
    };
    const talk = this;
    this.conversation = new RespConversation(1, node as never as RespNode, {
      ...{ address: '127.0.0.1:1', localAddress: '127.0.0.1:2' },
      get bytesWaiting() {
        return talk.bytesWaiting;
      },
      onReplies: () => {
        this.#toFlush = true;
      },
      onUnread: (change) => {
        this.unread += change;
      },
      close: () => {
        this.read();
        this.isClosed = true;
      },
    });
  }

  /** Commands of words without spaces. */
  send(...commands: readonly string[]): void {
    for (const command of commands) this.conversation.take(command.split(' ').map(bytesOf));
  }

  /** As the end of a tick does. */
  flush(): void {
    if (!this.#toFlush) return;
    this.#toFlush = false;
    this.conversation.flush((bytes) => {
      this.said += textOf(bytes);
    });
  }

  read(): void {
    this.bytesWaiting = 0;
    this.#toFlush = true;
    this.flush();
  }

  /** Of what was asked and is not answered, the keys. */
  get keys(): string[] {
    return this.asked.map(({ operation }) => ('key' in operation ? operation.key : '?'));
  }

  answer(key: string, result: ClientResult): void {
    const at = this.keys.indexOf(key);
    const [asked] = this.asked.splice(at, 1);
    asked?.requester.answered(result);
    this.flush();
  }
}

const done = { type: 'done', version: null, existed: true } as never as ClientResult;
const value = (text: string): ClientResult =>
  ({ type: 'value', value: bytesOf(text), version: null }) as never as ClientResult;

describe('the order of commands', () => {
  it('replies come in that of the commands, whichever is answered first', () => {
    const talk = new Talk();
    talk.send('GET a', 'GET b', 'PING', 'GET c');
    expect(talk.keys).toEqual(['a', 'b', 'c']);
    talk.answer('c', value('C'));
    talk.answer('b', value('B'));
    expect(talk.said).toBe('');
    talk.answer('a', value('A'));
    expect(talk.said).toBe('$1\r\nA\r\n$1\r\nB\r\n+PONG\r\n$1\r\nC\r\n');
    expect(talk.conversation.waitingCount).toBe(0);
    expect(talk.unread).toBe(0);
  });

  it('of one key, what writes waits for all before it, and reads overlap', () => {
    const talk = new Talk();
    talk.send('GET a', 'GET a', 'SET a 1', 'GET a', 'SET b 2');
    expect(talk.keys).toEqual(['a', 'a']);
    talk.answer('a', value('0'));
    expect(talk.keys).toEqual(['a']);
    talk.answer('a', value('0'));
    expect(talk.keys).toEqual(['a']);
    expect(talk.asked[0]?.operation.type).toBe('put');
    talk.answer('a', done);
    expect(talk.keys).toEqual(['a', 'b']);
    expect(talk.asked[0]?.operation.type).toBe('get');
    talk.answer('b', done);
    talk.answer('a', value('1'));
    expect(talk.said).toBe('$1\r\n0\r\n$1\r\n0\r\n+OK\r\n$1\r\n1\r\n+OK\r\n');
  });

  it('the first of a pipeline holds its key, too, though nothing was under way when it came', () => {
    const talk = new Talk();
    talk.send('SET a 1', 'SET b 1', 'SET a 2');
    expect(talk.keys).toEqual(['a', 'b']);
    talk.answer('b', done);
    expect(talk.keys).toEqual(['a']);
    talk.answer('a', done);
    expect(talk.keys).toEqual(['a']);
    talk.answer('a', done);
    expect(talk.said).toBe('+OK\r\n+OK\r\n+OK\r\n');
  });

  it('what is to run alone waits for all before it, and all after it wait', () => {
    const talk = new Talk();
    talk.send('GET a', 'MULTI', 'SET x 1', 'EXEC', 'GET b');
    expect(talk.keys).toEqual(['a']);
    talk.answer('a', value('A'));
    expect(talk.keys).toEqual(['x']);
  });
});

describe('a full conversation', () => {
  it('holds so many commands and says when it has room again', () => {
    const talk = new Talk();
    for (let nth = 0; nth < respLimits.waitingMax; nth++) {
      expect(talk.conversation.isFull).toBe(false);
      talk.send(`SET k${nth} v`);
    }
    expect(talk.conversation.isFull).toBe(true);
    expect(talk.asked.length).toBe(respLimits.waitingMax);
    talk.answer('k0', done);
    expect(talk.conversation.isFull).toBe(false);
  });

  it('holds so many bytes', () => {
    const talk = new Talk();
    talk.send(`SET a ${'v'.repeat(respLimits.bytesWaitingMax)}`);
    expect(talk.conversation.isFull).toBe(true);
    talk.answer('a', done);
    expect(talk.conversation.isFull).toBe(false);
  });
});

describe('a client that does not read', () => {
  const large = 'x'.repeat(100_000);
  const { bytesInSocket, bytesWaitingMax } = connectionLimits;

  it('has replies wait as they are, and nothing more begins until it reads', () => {
    const talk = new Talk();
    talk.bytesWaiting = bytesInSocket;
    const inAll = Math.ceil(bytesWaitingMax / large.length) + 5;
    for (let nth = 0; nth < inAll; nth++) {
      talk.send(`GET k${nth}`);
      if (talk.asked.length > 0) talk.answer(`k${nth}`, value(large));
    }
    // The first left before the socket was seen to be full.
    expect(talk.said.length).toBeLessThan(2 * large.length);
    expect(talk.conversation.isFull).toBe(true);
    expect(talk.unread).toBeGreaterThan(bytesWaitingMax);
    expect(talk.unread).toBe(talk.conversation.source.bytesUnread);
    expect(talk.unread).toBeLessThan(bytesWaitingMax + 2 * large.length + bytesInSocket);
    expect(talk.asked.length).toBe(0);
    talk.read();
    for (const key of talk.keys) talk.answer(key, value(large));
    talk.read();
    expect(talk.said.length).toBe(inAll * `$100000\r\n${large}\r\n`.length);
    expect(talk.unread).toBe(0);
    expect(talk.conversation.isFull).toBe(false);
  });

  it('is forgotten with all that it had not read', () => {
    const talk = new Talk();
    talk.send('GET a', 'GET b', 'GET c');
    talk.answer('b', value(large));
    expect(talk.unread).toBeGreaterThan(large.length);
    talk.conversation.close();
    expect(talk.unread).toBe(0);
    talk.answer('a', value('A'));
    talk.answer('c', errorResult('timeout', false, 'too late'));
    talk.send('PING');
    expect(talk.said).toBe('');
  });
});

describe('the end', () => {
  it('of what makes no sense comes after all that was under way', () => {
    const talk = new Talk();
    talk.send('GET a', 'GET b');
    talk.conversation.break('Protocol error: x');
    talk.send('PING');
    talk.answer('b', value('B'));
    expect(talk.isClosed).toBe(false);
    talk.answer('a', value('A'));
    expect(talk.said).toBe('$1\r\nA\r\n$1\r\nB\r\n-ERR Protocol error: x\r\n');
    expect(talk.isClosed).toBe(true);
  });

  it('that a client asks for comes after all before it, and nothing after it is done', () => {
    const talk = new Talk();
    talk.send('SET a 1', 'QUIT', 'SET b 2');
    expect(talk.keys).toEqual(['a']);
    expect(talk.conversation.isFull).toBe(true);
    talk.answer('a', done);
    expect(talk.said).toBe('+OK\r\n+OK\r\n');
    expect(talk.isClosed).toBe(true);
  });
});
