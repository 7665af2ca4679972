/** Made by scripts/build.js: every file under src/commands, by command id, loaded when called for. */
declare module 'kvx:commands' {
  import type { Command } from '@oclif/core';

  const commands: Record<string, () => Promise<{ default: Command.Class }>>;
  export default commands;
}
