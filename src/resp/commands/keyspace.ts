/** Commands about the keys that this node holds. */
import type { Command } from '../command.js';
import { integer } from '../replies.js';

export const keyspaceCommands: readonly Command[] = [
  {
    ...{ kind: 'plain', name: 'DBSIZE', arity: 1, flags: ['readonly', 'fast'], keys: [0, 0, 0] },
    ...{ group: 'server', summary: 'How many keys this node holds.' },
    run: (_, { node }) => integer(node.view().keyCount),
  },
];
