/**
 * A closed loop of puts or gets on etcd: `node etcd-load.js put|get CLIENTS MS WARM-UP-MS KEYS VALUE-BYTES PORT…`; prints one JSON document.
 *
 * gRPC by hand, over four connections: Node's own HTTP/2 takes longer for a request than etcd does, and would be what is measured.
 * Every request has the same headers, so they are encoded once; of answers only where they begin and end matters.
 */
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

const frameType = { data: 0, headers: 1, settings: 4, ping: 6, goAway: 7, window: 8 };
const endStream = 1;
const endHeaders = 4;
const ack = 1;
const connectionCount = 4;

const [operation = 'put', clients, ms, warmUpMs, keys, valueBytes, ...ports] =
  process.argv.slice(2);
const keyCount = Number(keys);
const value = Buffer.alloc(Number(valueBytes), 'x');

/** @param {number} type @param {number} flags @param {number} stream @param {Buffer} payload */
function frame(type, flags, stream, payload) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** HPACK: a header that nobody is to remember (RFC 7541, 6.2.2). @param {string} name @param {string} text */
const header = (name, text) =>
  Buffer.concat([
    Buffer.of(0, name.length),
    Buffer.from(name),
    Buffer.of(text.length),
    Buffer.from(text),
  ]);

const method = operation === 'put' ? 'Put' : 'Range';
const headers = Buffer.concat([
  // `:method: POST` and `:scheme: http` stand in HPACK's own table.
  Buffer.of(0x83, 0x86),
  header(':path', `/etcdserverpb.KV/${method}`),
  header(':authority', 'localhost'),
  header('content-type', 'application/grpc'),
  header('te', 'trailers'),
]);

/** Field 1 of both requests is the key, field 2 of a put the value. */
function message() {
  const key = Buffer.from(`key-${Math.floor(Math.random() * keyCount)}`);
  const fields = [Buffer.of(0x0a, key.length), key];
  if (operation === 'put') fields.push(lengthOf(0x12, value.length), value);
  const body = Buffer.concat(fields);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

/** @param {number} tag @param {number} length below 2^14 */
const lengthOf = (tag, length) =>
  length < 0x80 ? Buffer.of(tag, length) : Buffer.of(tag, (length & 0x7f) | 0x80, length >> 7);

/** @type {number[]} */
const latencies = [];
let errorCount = 0;
const begin = performance.now() + Number(warmUpMs);
const end = begin + Number(ms);

/** @param {number} port @param {number} clientCount @returns {Promise<void>} */
function runConnection(port, clientCount) {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(frame(frameType.settings, 0, 0, Buffer.alloc(0)));
  const window = Buffer.alloc(4);
  window.writeUInt32BE(2 ** 31 - 1 - 65_535);
  socket.write(frame(frameType.window, 0, 0, window));
  let lastStream = -1;
  let active = 0;
  /** When each began, and whether it has had a message: without one it has failed. @type {Map<number, { at: number, isAnswered: boolean }>} */
  const open = new Map();
  const ask = () => {
    lastStream += 2;
    open.set(lastStream, { at: performance.now(), isAnswered: false });
    socket.write(
      Buffer.concat([
        frame(frameType.headers, endHeaders, lastStream, headers),
        frame(frameType.data, endStream, lastStream, message()),
      ]),
    );
  };
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    /** @param {number} type @param {number} flags @param {number} stream @param {Buffer} payload */
    const handle = (type, flags, stream, payload) => {
      if (type === frameType.goAway) throw new Error(`etcd hung up: ${payload.subarray(8)}`);
      if (type === frameType.settings && flags !== ack) {
        socket.write(frame(frameType.settings, ack, 0, Buffer.alloc(0)));
      }
      if (type === frameType.ping && flags !== ack) {
        socket.write(frame(frameType.ping, ack, 0, payload));
      }
      const request = open.get(stream);
      if (request === undefined) return;
      if (type === frameType.data) request.isAnswered = true;
      if (type !== frameType.headers || (flags & endStream) === 0) return;
      open.delete(stream);
      const now = performance.now();
      if (!request.isAnswered) errorCount++;
      else if (request.at >= begin && now <= end) latencies.push(now - request.at);
      if (now < end) return ask();
      active--;
      if (active > 0) return;
      socket.destroy();
      resolve();
    };
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (bytes.length >= 9) {
        const length = bytes.readUIntBE(0, 3);
        if (bytes.length < 9 + length) break;
        const payload = bytes.subarray(9, 9 + length);
        handle(bytes.readUInt8(3), bytes.readUInt8(4), bytes.readUInt32BE(5), payload);
        bytes = bytes.subarray(9 + length);
      }
      rest = Buffer.from(bytes);
    });
    for (; active < clientCount; active++) ask();
  });
}

const before = performance.eventLoopUtilization();
const startedAt = performance.now();
const used = process.cpuUsage();
const connections = Math.min(connectionCount, Number(clients));
await Promise.all(
  Array.from({ length: connections }, (_, nth) => {
    const share = Math.ceil((Number(clients) - nth) / connections);
    return runConnection(Number(ports[nth % ports.length]), share);
  }),
);
const { utilization } = performance.eventLoopUtilization(before);
// While it waits for a processor its event loop looks busy, too.
const { user, system } = process.cpuUsage(used);
const usedShare = (user + system) / 1000 / (performance.now() - startedAt);
latencies.sort((a, b) => a - b);
const at = (/** @type {number} */ share) =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
console.log(
  JSON.stringify({
    ...{ perSecond: (1000 * latencies.length) / Number(ms), errorCount },
    ...{ p50: at(0.5), p99: at(0.99), max: at(1), busyShare: Math.min(utilization, usedShare) },
  }),
);
