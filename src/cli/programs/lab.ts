/** `kvx lab`: the laboratory's page, written to a file or served to a browser of this machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { definiteError, usageError } from '../../core/errors.js';
import { note, outputClosed, printJson, printLine } from '../../render/output.js';
import { bugNamed } from '../../zoo/bugs.js';
import type { Perform } from '../command.js';
import { PageServer } from '../page-server.js';
import { readPage } from '../read-page.js';
import { filesOf } from '../scripts/library.js';
import { readText } from '../text-input.js';
import { written } from '../written.js';
import { type PageModules, pageModulesOf } from './lab-modules.js';

interface LabFlags {
  readonly out?: string;
  readonly mode?: readonly string[];
  readonly seed?: number;
  readonly bug?: string;
  readonly port: number;
  readonly 'no-open': boolean;
  readonly json: boolean;
}

/** What the page begins with; it reads this in src/web/lab/opening.ts. */
interface LabOpening {
  readonly name: string;
  readonly scenario: string;
  /** Absent: what the scenario says. */
  readonly seed?: number;
  readonly bug?: string;
}

const perform: Perform = async ({ words: [named], flags: typed, config }, signal) => {
  const flags = typed as unknown as LabFlags;
  if (flags.bug !== undefined) bugNamed(flags.bug);
  const found = await openingOf(named, flags, join(config.root, 'scenarios'), signal);
  const { opening = null, source = '' } = found ?? {};
  const page = pageWith(opening, pageModulesOf(flags.mode ?? [], opening?.scenario ?? '', source));
  if (flags.out === undefined) return serve(page, flags, signal);
  const file = flags.out;
  written(file, () => writeFileSync(file, page));
  const bytes = Buffer.byteLength(page);
  if (flags.json) printJson({ file: flags.out, bytes });
  else printLine(`${flags.out} (${(bytes / 2 ** 20).toFixed(1)} MiB): open it in a browser`);
};

export default { perform };

async function openingOf(
  named: string | undefined,
  { seed, bug }: LabFlags,
  library: string,
  signal: AbortSignal,
): Promise<{ readonly opening: LabOpening; readonly source: string } | null> {
  const given = { ...(seed === undefined ? {} : { seed }), ...(bug === undefined ? {} : { bug }) };
  if (named === undefined) {
    if (Object.keys(given).length === 0) return null;
    throw usageError('--seed and --bug are of a scenario: name one');
  }
  const [file, second] = filesOf([named], library);
  if (file === undefined || second !== undefined) {
    throw usageError(`${named} has several scenarios: the laboratory opens one`);
  }
  const { text, source } = await readText(file.file, signal, 'a scenario');
  const scenario = Buffer.from(text).toString();
  return { opening: { name: basename(source), scenario, ...given }, source };
}

/** Nothing in it can end the element that it stands in. */
function pageWith(opening: LabOpening | null, modules: PageModules): string {
  const page = readPage('lab');
  const element = (id: string, data: unknown): string => {
    const json = JSON.stringify(data).replaceAll('<', '\\u003c');
    return `<script id="${id}" type="application/json">${json}</script>`;
  };
  const isAsBuilt = modules.modes.length === 0;
  const data = [
    ...(opening === null ? [] : [element('opening', opening)]),
    ...(isAsBuilt ? [] : [element('modules', modules)]),
  ].join('');
  const whole = page.replace('<!--data-->', () => data);
  return isAsBuilt ? whole : whole.replace(scriptsOfPage, `${scriptsOfPage} blob:`);
}

/** Of its content policy. With modes of one's own it runs modules that it has made, too; from elsewhere it takes nothing. */
const scriptsOfPage = "script-src 'unsafe-inline'";

async function serve(page: string, flags: LabFlags, signal: AbortSignal): Promise<void> {
  const server = new PageServer(page);
  const address = await server.listen(flags.port).catch((error: NodeJS.ErrnoException) => {
    const isTaken = error.code === 'EADDRINUSE';
    const why = isTaken ? 'is taken' : `can't be listened at: ${error.code}`;
    throw definiteError('bad-request', `port ${flags.port} ${why}`, 'Choose another with --port.');
  });
  try {
    if (flags.json) printJson({ address });
    else printLine(address);
    note('The laboratory is there until Ctrl-C.');
    if (!flags['no-open'] && process.stdout.isTTY) openBrowser(address);
    const until = AbortSignal.any([signal, outputClosed]);
    if (!until.aborted) await once(until, 'abort');
  } finally {
    server.close();
  }
}

/** If there is one. It is nobody's failure when there is none: the address is printed. */
function openBrowser(address: string): void {
  const { platform, env } = process;
  const hasScreen = Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
  if (platform !== 'darwin' && platform !== 'win32' && !hasScreen) return;
  const commands: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    darwin: ['open', address],
    win32: ['cmd', '/c', 'start', '', address],
  };
  const [command = '', ...args] = commands[platform] ?? ['xdg-open', address];
  const opener = spawn(command, args, { detached: true, stdio: 'ignore' });
  opener.on('error', () => {});
  opener.unref();
}
