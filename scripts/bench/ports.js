/** Ports that nobody listens at. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that a system gives to whoever asks for any, so that who restarts finds its own still free. */
const [portMin, portMax] = [12_000, 32_000];

/** @param {number} port */
async function isFree(port) {
  const server = createServer();
  const listening = once(server, 'listening').then(() => true);
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  const isOurs = await listening.catch(() => false);
  if (isOurs) await once(server.close(), 'close');
  return isOurs;
}

/** So many in a row. @param {number} count @returns {Promise<number[]>} */
export async function freePorts(count) {
  for (;;) {
    const first = portMin + Math.floor(Math.random() * (portMax - portMin));
    const ports = [];
    while (ports.length < count && (await isFree(first + ports.length))) {
      ports.push(first + ports.length);
    }
    if (ports.length === count) return ports;
  }
}
