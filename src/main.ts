/**
 * Starts oclif with the commands of src/commands.
 *
 * oclif's own root plugin would look for itself on disk, read its manifest and sort it with
 * `localeCompare`, which alone takes 15 ms to wake ICU; so the plugin is handed over ready-made.
 * See docs/decisions/0001-start-up-time.md.
 */

import { dirname } from 'node:path';
import type { Command, Interfaces } from '@oclif/core';
import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import packageJson from '../package.json' with { type: 'json' };
import { unfinished } from './cli/interruption.js';
import { commands } from './commands/index.js';
import { useOwnModes } from './node/own-modes.js';
import { exitCodes } from './render/failure.js';
import { isPrinted, watchOutput } from './render/output.js';

const root = dirname(import.meta.dirname);

type Described = Pick<Command.Cached, 'id' | 'strict'>;

/** What help says of commands, which who knows what they want does not read. */
async function describedCommands(): Promise<readonly Described[]> {
  const manifest = await import('../oclif.manifest.json', { with: { type: 'json' } });
  return Object.values(manifest.default.commands);
}

/** `cached`: what is known of commands before they are loaded. */
function rootPlugin(cached: readonly Described[]): Interfaces.Plugin {
  const pjson = packageJson as unknown as Interfaces.PJSON;
  const plugin: Interfaces.Plugin = {
    _base: 'kvx',
    alias: pjson.name,
    commandIDs: cached.map((command) => command.id),
    commands: cached.map((command) => ({
      ...(command as Command.Cached),
      load: () => findCommand(command.id),
    })),
    commandsDir: undefined,
    findCommand,
    hasManifest: true,
    hooks: {},
    isRoot: true,
    load: async () => {},
    moduleType: 'module',
    name: pjson.name,
    options: { root, isRoot: true, pjson },
    pjson,
    root,
    topics: Object.entries(packageJson.oclif.topics).map(([name, topic]) => ({ ...topic, name })),
    type: 'core',
    valid: true,
    version: pjson.version,
  };
  async function findCommand(id: string): Promise<Command.Class> {
    const load = commands.get(id);
    if (!load) throw new Error(`oclif.manifest.json names a command that is not built: ${id}`);
    const command = await load();
    command.id = id;
    command.plugin = plugin;
    return command;
  }
  return plugin;
}

/** Looks for no file of colours, which nobody is told of. */
class PlainConfig extends Config {
  override async loadTheme(): Promise<undefined> {}
}

/** oclif loads a config that it is handed anew, twice for a command. */
const loadConfig = Config.load.bind(Config);
Config.load = async (from) => (from instanceof PlainConfig ? from : loadConfig(from));

/** As oclif has it: with nothing at all, or a flag of help before `--`. */
function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  return argv.length === 0 || words.some((word) => ['-h', '--help'].includes(word));
}

/** The commands, other than that for help, with whose words it begins. */
function namesAtFront(argv: readonly string[]): readonly string[] {
  const ids = [1, 2, 3].map((count) => argv.slice(0, count).join(':'));
  return argv[0] === 'help' ? [] : ids.filter((id) => commands.has(id));
}

/** What other commands run in their place. */
const instead = 'run';

/** Runs one command line to its end. Never rejects: an error becomes a message and an exit code. */
export async function main(argv: string[]): Promise<void> {
  watchOutput();
  useOwnModes();
  settings.enableAutoTranspile = false;
  settings.debug = process.sourceMapsEnabled; // bin/boot.js turns them on for DEBUG=kvx
  let isDone = false;
  // Work that waits for what never comes must not end as if it had succeeded.
  process.on('exit', () => {
    if (isDone) return;
    process.stderr.write(`error: ${unfinished().message}\n`);
    process.exitCode = exitCodes.bug;
  });
  try {
    const asksForHelp = wantsHelp(argv);
    const isPlain = namesAtFront(argv).length > 0 && !asksForHelp;
    // To run one its id is enough. Of those that are not strict, oclif takes what follows for arguments, not for words of the name.
    const named = [...namesAtFront(argv), instead].map((id) => ({ id, strict: false }));
    const plugin = rootPlugin(isPlain ? named : await describedCommands());
    const plugins = new Map([[plugin.name, plugin]]);
    const config = new PlainConfig({ root, pjson: plugin.pjson, plugins });
    await config.load();
    if (asksForHelp) {
      const { KvxHelp } = await import('./cli/programs/help.js');
      await new KvxHelp(config).showHelp(argv);
    } else await run(argv, config);
  } catch (error) {
    const { reportFailure } = await import('./cli/report-failure.js');
    await reportFailure(error, argv, { knownCommands: [...commands.keys()] });
  } finally {
    isDone = true;
    setImmediate(endWhenPrinted);
  }
}

/** Node would tidy up, and look for garbage, before it ends; whoever typed the command waits for that. */
function endWhenPrinted(): void {
  if (isPrinted()) process.exit();
}
