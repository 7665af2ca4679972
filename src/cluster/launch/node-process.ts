/** What a node's own process runs: `node-process.js <cluster folder> <node>`. */
import { systemClock } from '../../node/clock.js';
import { SocketLink } from '../../node/socket-link.js';
import { NodeHost } from '../host/node-host.js';
import { limited } from '../state/log.js';
import { nodeSocket } from '../state/sockets.js';
import { openCluster } from '../state/state.js';
import { runEntry } from './entry.js';

const [folder = '', node = ''] = process.argv.slice(2);

runEntry({
  folder,
  who: node,
  async start({ log, ready, stop }) {
    const cluster = openCluster(folder);
    const { record, sockets } = cluster;
    const others = record.nodes.filter((other) => other !== node);
    const host = await NodeHost.start({
      cluster,
      node,
      log,
      makeLink: (message, random, incarnation) => {
        const link = new SocketLink({
          self: node,
          cluster: record.id,
          incarnation,
          peers: new Map(others.map((other) => [other, nodeSocket(sockets, other)])),
          message,
          clock: systemClock,
          random,
          log: limited((event) => log.info(event)),
        });
        return { link, incoming: link };
      },
      onStopped: stop,
    });
    ready(node, host.note);
    return () => host.close();
  },
});
