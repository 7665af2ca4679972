/**
 * Flags and arguments that several commands share. Every flag can also be set as `KVX_<FLAG>` in the environment, save those
 * that take something away (`--wipe`, `--fresh`, `--all`).
 */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

const helpGroup = 'GLOBAL';

export const jsonFlag = Flags.boolean({
  description: 'print one JSON document, errors included',
  env: 'KVX_JSON',
  helpGroup,
});

export const clusterFlag = Flags.string({
  char: 'C',
  description: 'which cluster; else the one of `kvx cluster use`, else the only one that is up',
  helpValue: 'NAME',
  env: 'KVX_CLUSTER',
  helpGroup,
});

/** For commands about one key. */
export const keyFlags = {
  level: Flags.string({
    description:
      'how many replicas must take part: one, quorum, all, a number, … as the mode has it',
    helpValue: 'LEVEL',
    env: 'KVX_LEVEL',
  }),
  node: Flags.string({
    description: 'ask through this node and no other; else through the first that can be reached',
    helpValue: 'NODE',
    env: 'KVX_NODE',
  }),
  timeout: Flags.string({
    description: 'how long it may take, such as 500ms or 5s',
    helpValue: 'TIME',
    default: '5s',
    env: 'KVX_TIMEOUT',
  }),
};

/** For commands that read and write keys. */
export const sessionFlags = {
  session: Flags.string({
    description: 'never see anything older than what this session has read or written before',
    helpValue: 'NAME',
    env: 'KVX_SESSION',
  }),
  guarantees: Flags.string({
    description:
      'what a new session keeps to: ryw (read your writes), mr (monotonic reads), mw (monotonic writes), wfr (writes follow reads), all (default ryw,mr)',
    helpValue: 'LIST',
    env: 'KVX_GUARANTEES',
  }),
};

// Of a missing argument, oclif would read standard input by itself, unbounded and as trimmed text.
const ignoreStdin = true;

export const keyArg = Args.string({ ignoreStdin, description: 'at most 1 KiB; or --key-hex' });

export const valueArg = Args.string({
  ignoreStdin,
  description: 'at most 1 MiB; - or absent: standard input, byte for byte; or --value-hex',
});

export const requiredArg = (description: string) =>
  Args.string({ required: true, ignoreStdin, description });

export const optionalArg = (description: string) => Args.string({ ignoreStdin, description });
