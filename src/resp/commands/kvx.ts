/** What Redis has no word for. */
import type { Command } from '../command.js';
import { array, textReply } from '../replies.js';

export const kvxCommands: readonly Command[] = [
  {
    ...{ kind: 'plain', name: 'KVX.NODES', arity: 1, flags: ['readonly'], keys: [0, 0, 0] },
    ...{ group: 'kvx', summary: 'The nodes of the cluster.' },
    run: (_, { node }) => array(node.nodes().map(textReply)),
  },
];
