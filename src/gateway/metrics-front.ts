/** Where a node is scraped: `GET /metrics` over HTTP, on loopback and nowhere else. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Front, FrontSetup } from '../cluster/host/node-host.js';
import { metricsAddressOf } from '../cluster/state/record.js';
import { definiteError } from '../core/errors.js';
import { contentTypes, exposition, formatFor } from '../runtime/metrics/exposition.js';

/** Whoever scrapes needs one or two. */
const connectionsMax = 32;
/** To say what is wanted, and between two scrapes. */
const requestMs = 5_000;
const keepAliveMs = 65_000;
/** What a request may say besides. */
const headerBytesMax = 8 * 1024;

/** What the cluster's record asks for; `null`: this node is not scraped. */
export async function openMetricsFront({
  cluster,
  node,
  served,
}: FrontSetup): Promise<Front | null> {
  const address = metricsAddressOf(cluster.record, node);
  if (address === null) return null;
  const server = createServer({ maxHeaderSize: headerBytesMax, requestTimeout: requestMs });
  server.headersTimeout = requestMs;
  server.keepAliveTimeout = keepAliveMs;
  server.maxConnections = connectionsMax;
  server.on('request', (request, response) => {
    answer(request, response, () => served.metrics());
  });
  await listen(server, address, node);
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  node: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another process listens there' : error.message;
      const message = `${node} can't be scraped at port ${port} of ${host}: ${why}`;
      const hint = `When it is free: \`kvx node restart ${node}\`. Other ports need \`kvx cluster down\`, then \`kvx cluster up --metrics PORT\`.`;
      reject(definiteError('cluster', message, hint));
    });
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

function answer(
  { method = '', url = '', headers }: IncomingMessage,
  response: ServerResponse,
  families: () => Parameters<typeof exposition>[0],
): void {
  const say = (status: number, text: string, more: Record<string, string> = {}): void => {
    const plain = 'text/plain; charset=utf-8';
    response.writeHead(status, { 'content-type': plain, ...more });
    response.end(method === 'HEAD' ? undefined : text);
  };
  if (method !== 'GET' && method !== 'HEAD')
    return say(405, 'GET /metrics\n', { allow: 'GET, HEAD' });
  if (!/^\/metrics\/?(\?|$)/.test(url))
    return say(404, 'The metrics of this node are at /metrics\n');
  const format = formatFor(headers.accept);
  say(200, exposition(families(), format), { 'content-type': contentTypes[format] });
}
