import type { RespClient } from './command.js';

/** The client is in no session any more; whether what it saw is kept, it need not know. */
export function leaveSession(client: RespClient): void {
  const { sessionName, node } = client;
  client.session = null;
  client.sessionName = null;
  if (sessionName !== null) node.sessions.leave(sessionName).catch(() => {});
}
