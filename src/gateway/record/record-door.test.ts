/** Bytes through a door: all of them, as they are, and no more than the other side takes. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { JsonLines } from '../../history/recorder/json-lines.js';
import { RequestParser } from '../../resp/parser.js';
import { CallLog } from './call-log.js';
import { RecordDoor, type SharedRecord } from './record-door.js';

let server: Server;
let door: RecordDoor;
let port: number;
let history: string;
let said: string[];
let log: CallLog;
/** What each connection of the server does. */
let serve: (socket: Socket) => void;
const served: Socket[] = [];
const clients: Socket[] = [];

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    served.push(socket.on('error', () => {}));
    serve(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  history = '';
  said = [];
  const sink = new JsonLines({
    write: (lines) => {
      history += Buffer.from(lines).toString();
    },
    close: () => {},
  });
  let time = 0;
  log = new CallLog(sink, () => ++time);
  const record: SharedRecord = {
    ...{ log, leftOut: new Map(), asking: new Map(), clientCount: 0 },
    caller: { session: 'record', node: null, idle: [] },
    tell: (words) => said.push(words),
  };
  door = new RecordDoor({ name: 'n1', address, password: null }, record);
  port = await door.listen(0);
});

afterEach(() => {
  door.close();
  server.close();
  for (const socket of [...served.splice(0), ...clients.splice(0)]) socket.destroy();
});

function client(): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  clients.push(socket.on('error', () => {}));
  return socket;
}

/** Takes every command for its name, and answers with what it is told to. */
function answering(answer: (words: string[]) => string): typeof serve {
  return (socket) => {
    const parser = new RequestParser();
    parser.isTrusted = true;
    socket.on('end', () => socket.end());
    socket.on('data', (chunk) =>
      parser.push(chunk as Uint8Array, (words) =>
        socket.write(answer(words.map((word) => Buffer.from(word).toString()))),
      ),
    );
  };
}

test('whatever it is, it arrives as it is, both ways, and so does the end', async () => {
  serve = (socket) => socket.pipe(socket);
  const random = new SeededRandom(1);
  const sent = Buffer.from(Array.from({ length: 300_000 }, () => random.below(256)));
  const socket = client();
  const received = text(socket.setEncoding('latin1'));
  for (let at = 0; at < sent.length; ) {
    const end = at + 1 + random.below(20_000);
    socket.write(sent.subarray(at, end));
    at = end;
  }
  socket.end();
  expect((await received) === sent.toString('latin1')).toBe(true);
});

test('a client that does not read makes the server wait', async () => {
  const [pieces, bytes] = [64, 1024 * 1024];
  let taken = 0;
  const piece = `$${bytes}\r\n${'x'.repeat(bytes)}\r\n`;
  serve = answering(([name]) => (name === 'GET' ? '$1\r\na\r\n' : ':-1\r\n'));
  const others = client();
  others.write('PTTL a\r\n');
  await once(others, 'data');
  serve = (socket) => {
    for (let at = 0; at < pieces; at++) socket.write(piece, () => taken++);
  };
  const slow = client().pause();
  await once(slow, 'connect');
  // The door has time to read too much.
  for (let at = 0; at < 200; at++) {
    others.write('PTTL a\r\n');
    await once(others, 'data');
  }
  expect(taken).toBeLessThan(pieces / 2);
  let received = 0;
  for await (const chunk of slow) {
    received += (chunk as Uint8Array).length;
    if (received === pieces * piece.length) break;
  }
  expect(received).toBe(pieces * piece.length);
});

test('it may look at what the client may look at; no password is written down', async () => {
  serve = (socket) => {
    let isTrusted = false;
    answering(([name, ...rest]) => {
      if (name === 'AUTH') isTrusted = rest[0] === 'secret';
      if (!isTrusted) return '-NOAUTH Authentication required.\r\n';
      if (name === 'PTTL') return ':-1\r\n';
      return name === 'GET' ? '$5\r\nvalue\r\n' : '+OK\r\n';
    })(socket);
  };
  const socket = client().setEncoding('utf8');
  const received = text(socket);
  socket.end('AUTH secret\r\nSET a x\r\nGET a\r\n');
  expect(await received).toBe('+OK\r\n+OK\r\n$5\r\nvalue\r\n');
  log.close();
  expect(history).not.toContain('secret');
  expect(history).toContain('"f":"put","key":"a","value":"value"');
  expect(history.match(/"type":"ok"/g)).toHaveLength(3);
});

test('what was under way when the server went is unknown; who comes then is turned away', async () => {
  serve = answering(([name]) => (name === 'GET' ? '$-1\r\n' : name === 'PTTL' ? ':-2\r\n' : ''));
  const socket = client();
  const closed = once(socket.resume(), 'end');
  socket.write('SET a x\r\n');
  // Until its first value was asked for, and it is there.
  while (log.keys.judgedCount === 0) await new Promise(setImmediate);
  server.close();
  for (const each of served) each.destroy();
  await closed;
  await once(client().resume(), 'end');
  expect(said).toEqual(["n1 can't be reached: ECONNREFUSED"]);
  log.close();
  expect(history).toContain('"type":"info","f":"put","key":"a"');
});
