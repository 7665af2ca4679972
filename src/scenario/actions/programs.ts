/** Commands that are programs of their own: kvx does them in a process beside this one, on the script's cluster. */
import { spawn } from 'node:child_process';
import { KvxError } from '../../core/errors.js';
import { exitCodes } from '../../render/failure.js';
import { printJson, write } from '../../render/output.js';
import { outputWidth } from '../../render/print-table.js';
import { helpOn } from '../help.js';
import type { Outcome } from '../outcome.js';
import { type Action, type Call, done, textsOf } from './action.js';

/** Of what one prints; a report is some kilobytes. */
const printedBytesMax = 16 * 1024 * 1024;

const bench: Action = async (call) => {
  const { target, spec } = call.context;
  if (target.runtime === 'sim') {
    const message = 'bench measures real nodes, and these are simulated: use --runtime threads';
    throw new KvxError(message, { code: 'bad-request', definite: true });
  }
  return runKvx(call, ['bench', ...textsOf(call, 'ARGUMENTS'), '--cluster', spec.name]);
};

const check: Action = (call) => runKvx(call, ['check', ...textsOf(call, 'ARGUMENTS')]);

async function runKvx({ context }: Call, args: readonly string[]): Promise<Outcome> {
  const program = process.argv[1] as string;
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  // It prints into a pipe, and what comes out of that is for this output.
  const env = { ...process.env, COLUMNS: String(outputWidth()) };
  const child = spawn(process.execPath, [program, ...args], { stdio: [...stdio], env });
  const stop = (): void => {
    child.kill('SIGINT');
  };
  context.signal.addEventListener('abort', stop, { once: true });
  const printed: Buffer[] = [];
  let size = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= printedBytesMax) printed.push(chunk);
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 130));
  }).finally(() => context.signal.removeEventListener('abort', stop));
  // It has said on standard error what is wrong.
  if (exitCode >= exitCodes.usage) {
    const code = exitCode === exitCodes.usage ? 'bad-request' : 'bug';
    throw new KvxError(`it ended with exit code ${exitCode}`, { code, definite: false });
  }
  const text = Buffer.concat(printed);
  return {
    failure: exitCode === 0 ? null : `exit code ${exitCode}`,
    exitCode,
    seen: { type: 'nothing' },
    print: ({ json }) => (json ? printJson({ exitCode, printed: text.toString() }) : write(text)),
  };
}

const clear: Action = async () => ({
  ...{ failure: null, exitCode: 0, seen: { type: 'nothing' } },
  // Where there is no screen, there is nothing to clear.
  print: () => process.stdout.isTTY && write('\x1b[H\x1b[2J\x1b[3J'),
});

const help: Action = async (call) => {
  const text = helpOn(textsOf(call, 'COMMAND'), outputWidth());
  return done(({ json }) => (json ? printJson(text) : write(text)));
};

export const programActions: ReadonlyMap<string, Action> = new Map([
  ['bench', bench],
  ['check', check],
  ['clear', clear],
  ['help', help],
]);
