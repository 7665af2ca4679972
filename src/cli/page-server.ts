/** One page, for browsers of this machine and nobody else. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const loopback = '127.0.0.1';

/** What a page may do and ask for it says itself; that nobody may frame it can be said here only. */
const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

export class PageServer {
  readonly #page: Buffer;
  readonly #server: Server;

  constructor(page: string) {
    this.#page = Buffer.from(page);
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** At a port, 0: any that is free. Its address. Throws what the system says when it can't. */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, loopback, () => {
        resolve(`http://${loopback}:${this.#port}/`);
      });
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const refuse = (status: number): void => {
      response.writeHead(status, { 'content-type': 'text/plain', allow: 'GET, HEAD' }).end();
    };
    // A name of the web may have been made to mean this machine: its pages get nothing.
    const isOurs = [loopback, 'localhost'].some((name) => headers.host === `${name}:${this.#port}`);
    if (!isOurs) return refuse(421);
    if (method !== 'GET' && method !== 'HEAD') return refuse(405);
    if (url.split('?')[0] !== '/') return refuse(404);
    response.writeHead(200, { ...pageHeaders, 'content-length': this.#page.length });
    response.end(method === 'GET' ? this.#page : undefined);
  }
}
