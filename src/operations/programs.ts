/** Operations of scripts alone: time, text, and commands that are programs of their own. */
import { textOfBytes } from '../core/bytes.js';
import { KvxError } from '../core/errors.js';
import { type AnswerKind, exitCodes } from '../render/failure.js';
import { line } from '../render/page.js';
import type { ArgumentSpec } from './arguments.js';
import type { RanKvx } from './context.js';
import { type OperationSpec, operation } from './operation.js';
import { toDuration } from './values.js';

const words = (name: string, description: string, optional = false): ArgumentSpec => ({
  ...{ name, kind: 'words', description, rest: true, optional },
});

const inScripts = { flags: [], only: 'scripts', on: 'nothing', changes: false } as const;
const nothing = { json: () => null, page: () => [] };

export const wait = operation({
  name: 'wait',
  summary: 'Let time pass.',
  examples: ['wait 500ms'],
  arguments: [{ name: 'TIME', kind: 'duration', description: 'how long' }],
  ...inScripts,
  run: async ({ context: { target, signal }, given }) => {
    await target.timing.sleep(toDuration(given.text('TIME') ?? '', 'TIME'), signal);
    if (signal.aborted) throw new KvxError('interrupted', { code: 'interrupted', definite: true });
  },
  ...nothing,
});

export const echo = operation<string>({
  name: 'echo',
  summary: 'Print text.',
  examples: ['echo now it heals'],
  arguments: [words('TEXT', 'what to print')],
  ...inScripts,
  run: async ({ given }) => given.texts('TEXT').join(' '),
  json: (text) => text,
  page: (text) => [line(text)],
});

export const clear = operation({
  name: 'clear',
  summary: 'Clear the screen.',
  examples: ['clear'],
  arguments: [],
  ...inScripts,
  run: async () => {},
  json: () => null,
  page: () => [{ type: 'clear screen' }],
});

const programArguments = words('ARGUMENTS', 'as on the command line');

/** Done by kvx in a process beside this one. */
function program(name: string, summary: string, isOnCluster: boolean): OperationSpec {
  return operation<RanKvx>({
    name,
    summary,
    examples: [],
    arguments: [programArguments],
    ...{ flags: [], only: 'scripts', changes: false },
    ...(isOnCluster ? { capabilities: ['be measured'] } : { on: 'nothing' }),
    run: async ({ context, given, json, says }) => {
      const { host, target, signal } = context;
      // It tells by itself how far it is.
      says('');
      if (host === null) throw new Error('there is no host to start programs');
      const on = isOnCluster ? ['--cluster', target.name] : [];
      const how = json ? ['--json'] : [];
      const ran = await host.runKvx([name, ...given.texts('ARGUMENTS'), ...on, ...how], signal);
      if (ran.exitCode < exitCodes.usage) return ran;
      // It has said on standard error what is wrong.
      const code = ran.exitCode === exitCodes.usage ? 'bad-request' : 'bug';
      throw new KvxError(`it ended with exit code ${ran.exitCode}`, { code, definite: false });
    },
    answer: ({ exitCode }) => ({
      answer: answers[exitCode] ?? 'unavailable',
      why: exitCode === 0 ? null : `exit code ${exitCode}`,
    }),
    json: ({ printed }) => JSON.parse(textOfBytes(printed) || 'null'),
    page: ({ printed }) => [{ type: 'bytes', bytes: printed }],
  });
}

const answers: readonly AnswerKind[] = ['yes', 'no', 'unknown', 'unavailable'];

export const bench = program('bench', '`kvx bench` on this cluster, if its nodes are real.', true);
export const check = program('check', '`kvx check`: which consistency was that?', false);
