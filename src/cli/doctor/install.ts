/** How kvx itself is installed: what makes commands start soon, and words complete. */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { quoted } from '../../core/show.js';
import { type DoctorFinding, type DoctorLook, fine, warning } from './finding.js';

type Shell = 'bash' | 'zsh' | 'fish';

export const installLooks = (
  root: string,
  env: { readonly [name: string]: string | undefined },
): readonly DoctorLook[] => [
  { check: 'code cache', look: () => [codeCache(root)] },
  { check: 'completion', look: () => completion(env, homedir()) },
];

/** What V8 has made of the scripts, for this very Node; without it a command takes about twice as long to start. */
export function codeCache(root: string): DoctorFinding {
  const check = 'code cache';
  const end = `.${process.version}-${process.arch}.cache`;
  const dist = join(root, 'dist');
  // A single binary has it inside.
  if (!existsSync(dist)) return fine(check, 'inside the program');
  const count = readdirSync(dist).filter((name) => name.endsWith(end)).length;
  if (count > 0) return fine(check, `there for Node.js ${process.versions.node}`);
  const todo = `Run kvx once as a user who may write to ${quoted(dist)}, or build it with this Node.js: \`npm run build\`.`;
  return warning(
    check,
    `none for Node.js ${process.versions.node}: commands start more slowly`,
    todo,
  );
}

/** Where `kvx completion SHELL --install` writes, below the home of the user. */
const scripts: Readonly<Record<Shell, string>> = {
  bash: '.local/share/kvx/completion.bash',
  zsh: '.local/share/kvx/completion.zsh',
  fish: '.config/fish/completions/kvx.fish',
};

/** Of the shell that the user has. Nothing is wrong without it. */
export function completion(
  { SHELL = '', XDG_DATA_HOME }: { readonly [name: string]: string | undefined },
  home: string,
): DoctorFinding[] {
  const check = 'completion';
  const shell = basename(SHELL) as Shell;
  if (!Object.hasOwn(scripts, shell)) return [];
  const data = XDG_DATA_HOME && shell !== 'fish' ? join(XDG_DATA_HOME, 'kvx') : null;
  const file = data === null ? join(home, scripts[shell]) : join(data, basename(scripts[shell]));
  if (existsSync(file)) return [fine(check, `installed for ${shell}`)];
  const todo = `\`kvx completion ${shell} --install\``;
  return [{ ...fine(check, `not installed for ${shell}`), todo }];
}
