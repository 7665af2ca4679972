import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acceptStraight, dialStraight, writeStraight, writeWhole } from './straight-bytes.js';

/** One end of a connection, and all that it was told. */
interface End {
  readonly socket: Socket;
  readonly heard: Uint8Array[];
}

const handleOf = (socket: Socket) => (socket as unknown as { _handle: object })._handle;

const bytesHeard = ({ heard }: End): number => heard.reduce((sum, { length }) => sum + length, 0);

/** Whatever came before. */
const closed = ({ socket }: End) => new Promise((resolve) => socket.once('close', resolve));

/** Bytes that say where in the stream they are. */
function numbered(from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (from + at) % 251);
}

describe.each(['straight', 'as streams'])('bytes that go %s', (how) => {
  const isStraight = how === 'straight';
  let folder: string;
  let server: Server;
  let accepted: End;
  let dialed: End;

  const endOf = (open: (take: (bytes: Uint8Array, length: number) => void) => Socket): End => {
    const heard: Uint8Array[] = [];
    const socket = open((bytes, length) => {
      // They are there only until it returns.
      heard.push(Uint8Array.prototype.slice.call(bytes, 0, length));
    });
    return { heard, socket: socket.on('error', () => {}) };
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kvx-'));
    const path = join(folder, 's');
    server = createServer({ pauseOnConnect: true }, (socket) => {
      if (!isStraight) {
        const hidden = { useUserBuffer: { value: undefined }, fd: { value: -1 } };
        Object.defineProperties(handleOf(socket), hidden);
      }
      accepted = endOf((take) => acceptStraight(socket, take));
    });
    server.listen(path);
    await once(server, 'listening');
    dialed = endOf((take) => dialStraight(path, take));
    await Promise.all([once(dialed.socket, 'connect'), once(server, 'connection')]);
    if (!isStraight) Object.defineProperty(handleOf(dialed.socket), 'fd', { value: -1 });
  });

  afterEach(() => {
    for (const { socket } of [accepted, dialed]) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });

  it('are with the system when the call returns, or all of them wait in the stream', () => {
    const bytes = numbered(0, 100);
    expect(writeStraight(accepted.socket, bytes)).toBe(isStraight ? 100 : 0);
    expect(writeStraight(dialed.socket, bytes)).toBe(isStraight ? 100 : 0);
  });

  it.each(['accepted', 'dialed'])(
    'come whole and in order to who reads late, from the %s end',
    async (from) => {
      const [writer, reader] = from === 'dialed' ? [dialed, accepted] : [accepted, dialed];
      reader.socket.pause();
      let sent = 0;
      const send = (length: number): boolean => {
        const isFree = writeWhole(writer.socket, numbered(sent, length));
        sent += length;
        return isFree;
      };
      // More than one read takes, until the system has room for a part of one only; then some that wait behind it.
      while (send(100_000));
      expect(writer.socket.writableLength).toBeGreaterThan(0);
      for (const length of [1, 70_000, 3]) send(length);
      if (isStraight) expect(writeStraight(writer.socket, numbered(sent, 1))).toBe(0);
      reader.socket.resume();
      await vi.waitUntil(() => bytesHeard(reader) === sent);
      expect(Buffer.concat(reader.heard).equals(numbered(0, sent))).toBe(true);
      // Nothing waits any more: they go straight again.
      await vi.waitUntil(() => writer.socket.writableLength === 0);
      expect(writeStraight(writer.socket, numbered(0, 1))).toBe(isStraight ? 1 : 0);
    },
  );

  it('may be overwritten by the caller at once', async () => {
    dialed.socket.pause();
    const bytes = new Uint8Array(300_000).fill(1);
    while (writeWhole(accepted.socket, bytes));
    const waiting = accepted.socket.writableLength;
    bytes.fill(2);
    dialed.socket.resume();
    await vi.waitUntil(() => accepted.socket.writableLength === 0 && waiting > 0);
    accepted.socket.end();
    await once(dialed.socket, 'end');
    expect(Buffer.concat(dialed.heard).includes(2)).toBe(false);
  });

  it('that were sent before a good end are all read', async () => {
    accepted.socket.pause();
    const bytes = numbered(0, 1_000_000);
    writeWhole(dialed.socket, bytes);
    dialed.socket.end();
    accepted.socket.resume();
    await once(accepted.socket, 'end');
    expect(bytesHeard(accepted)).toBe(bytes.length);
  });

  it('to a peer that is gone break the socket, and nothing else', async () => {
    const errors: unknown[] = [];
    accepted.socket.on('error', ({ code }: NodeJS.ErrnoException) => errors.push(code));
    accepted.socket.pause();
    dialed.socket.destroy();
    await closed(dialed);
    expect(writeStraight(accepted.socket, numbered(0, 100))).toBe(0);
    writeWhole(accepted.socket, numbered(0, 100));
    await closed(accepted);
    expect(errors).toEqual(['EPIPE']);
    expect(writeStraight(accepted.socket, numbered(0, 100))).toBe(0);
  });

  it('are neither written nor read once the socket was destroyed', async () => {
    writeWhole(dialed.socket, numbered(0, 100));
    accepted.socket.destroy();
    expect(writeStraight(accepted.socket, numbered(0, 100))).toBe(0);
    await closed(dialed);
    expect(accepted.heard).toEqual([]);
    expect(dialed.heard).toEqual([]);
  });
});
