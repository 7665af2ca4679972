/** What a node's own process runs: `node-process <cluster folder> <node>`. */

import { NodeHost } from '../cluster/host/node-host.js';
import { runEntry } from '../cluster/launch/entry.js';
import { limited } from '../cluster/state/log.js';
import { nodeSocket } from '../cluster/state/sockets.js';
import { openCluster } from '../cluster/state/state.js';
import { systemClock } from '../node/clock.js';
import { useOwnModes } from '../node/own-modes.js';
import { SocketLink } from '../node/socket-link.js';
import { openMetricsFront } from './metrics-front.js';
import { openRespFront } from './resp-front.js';

const [folder = '', node = ''] = process.argv.slice(2);

useOwnModes();
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
      fronts: [openRespFront, openMetricsFront],
      onStopped: stop,
    });
    ready(node, host.note);
    return () => host.close();
  },
});
