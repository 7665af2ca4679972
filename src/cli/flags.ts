/** Flags that all commands share, and arguments of those that no operation makes. */
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

// Of a missing argument, oclif would read standard input by itself, unbounded and as trimmed text.
const ignoreStdin = true;

export const optionalArg = (description: string) => Args.string({ ignoreStdin, description });
