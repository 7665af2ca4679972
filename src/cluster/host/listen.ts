import { unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { definiteError } from '../../core/errors.js';

/** How many may wait to be let in; the system may allow fewer. */
const backlog = 1024;

/**
 * Listens on a Unix socket. A socket file left by a crash is removed, but only once a connection to it was refused;
 * throws a `cluster` KvxError when somebody still answers there.
 */
export async function listenOn(server: Server, path: string): Promise<void> {
  try {
    await listenOnce(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (await answers(path)) {
      throw definiteError(
        'cluster',
        `another process already serves ${path}`,
        'Stop the cluster with `kvx cluster down` and start it again.',
      );
    }
    unlinkSync(path);
    await listenOnce(server, path);
  }
}

function listenOnce(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(error);
    server.once('error', onError);
    server.listen({ path, backlog }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // A full backlog says EAGAIN: somebody is there, only slow. Only a refusal proves that nobody is.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
