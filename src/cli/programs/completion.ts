import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeUtf8 } from '../../core/utf8.js';
import { completionProgram, type ShellName } from '../../operations/completion-program.js';
import { checkArgument, nothingKnown } from '../../operations/given.js';
import { printJson, printLine, write } from '../../render/output.js';
import type { Perform } from '../command.js';
import { completionScripts } from '../completion/scripts.js';
import { argumentsOf } from '../perform-typed.js';
import { written } from '../written.js';

const perform: Perform = async (typed) => {
  const json = typed.flags['json'] === true;
  const [name = ''] = argumentsOf(completionProgram, typed).has('SHELL') ? typed.words : [];
  for (const argument of completionProgram.arguments) {
    checkArgument(argument, encodeUtf8(name), nothingKnown);
  }
  const shell = name as ShellName;
  const script = completionScripts[shell];
  if (typed.flags['install'] !== true) {
    if (json) printJson({ shell, script });
    else write(script);
    return;
  }
  const installed = install(shell, script);
  if (json) printJson({ shell, ...installed });
  else for (const line of told(shell, installed)) printLine(line);
};

interface Installed {
  /** The script's. */
  readonly file: string;
  /** What the shell reads as it starts; `null` where it finds the script by itself. */
  readonly readBy: string | null;
  /** It reads it since now. */
  readonly added: boolean;
}

function install(shell: ShellName, script: string): Installed {
  const file = fileOf(shell);
  save(file, script);
  if (shell === 'fish') return { file, readBy: null, added: false };
  const start = join(shell === 'zsh' ? (env('ZDOTDIR') ?? homedir()) : homedir(), `.${shell}rc`);
  const line = `[ -r '${file.replaceAll("'", "'\\''")}' ] && . '${file.replaceAll("'", "'\\''")}'  # completion of kvx`;
  const before = existsSync(start) ? readFileSync(start, 'utf8') : '';
  if (before.split('\n').includes(line)) return { file, readBy: start, added: false };
  const begun = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  save(start, `${begun}${line}\n`);
  return { file, readBy: start, added: true };
}

const env = (name: string): string | undefined => process.env[name] || undefined;

function fileOf(shell: ShellName): string {
  if (shell === 'fish') {
    return join(env('XDG_CONFIG_HOME') ?? join(homedir(), '.config'), 'fish/completions/kvx.fish');
  }
  const data = env('XDG_DATA_HOME') ?? join(homedir(), '.local/share');
  return join(data, 'kvx', `completion.${shell}`);
}

function save(file: string, text: string): void {
  written(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  });
}

function told(shell: ShellName, { file, readBy, added }: Installed): string[] {
  const reads = readBy === null ? [] : [`${readBy} ${added ? 'reads it from now on' : 'reads it'}`];
  return [`${file} has the script`, ...reads, `a new ${shell} knows kvx`];
}

export default { perform };
