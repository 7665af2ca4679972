import { readPlainConfigFile } from '../../config/file.js';
import { usageError } from '../../core/errors.js';
import { checkAttached } from '../../coursework/dialect-spec.js';
import type { CommandProgram, Perform } from '../command.js';
import { host } from '../host.js';
import { display } from '../scripts/display.js';
import {
  dialectOptionsOf,
  dialectSpecOf,
  type ScriptFlags,
  shellPlaceOf,
} from '../scripts/script-flags.js';

const perform: Perform = async ({ flags: typed, flagsTyped }, signal) => {
  const flags = typed as unknown as ScriptFlags & { readonly json: boolean };
  if (flags.json) throw usageError('--json is for programs: they can use `kvx run --json`');
  const { dialect } = flags;
  const place = shellPlaceOf(flags);
  const dialectOptions = dialectOptionsOf(flags, flagsTyped);
  if (dialect !== 'kvx' && 'cluster' in place) checkAttached(dialect, place.cluster.record);
  const spec =
    dialect === 'kvx' ? null : await dialectSpecOf(dialect, {}, flagsTyped, flags.gossip);
  const { runShell } = await import('../../shell/shell.js');
  await runShell({
    ...{ place, dialect, dialectOptions, spec, signal },
    surroundings: { display, host, readConfig: readPlainConfigFile },
  });
};

export default {
  perform,
  // Without a terminal it is a script that is piped in.
  instead: (argv) => (process.stdin.isTTY ? null : { id: 'run', argv: [...argv, '--as-shell'] }),
} satisfies CommandProgram;
