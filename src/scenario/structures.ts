/** The words that shape a script, and what they open. */
export const structures = [
  {
    name: 'expect',
    usage: 'expect [within TIME] COMMAND == VALUE',
    summary: 'stop the script unless it is so',
  },
  { name: 'try', usage: 'try COMMAND', summary: 'go on even if it ends in an error' },
  {
    name: 'repeat',
    usage: 'repeat COUNT COMMAND',
    summary: 'do it again and again; {n} is the number of the round',
  },
  {
    name: 'at',
    usage: 'at TIME COMMAND',
    summary: 'in scripts: do it so long after the beginning, aside of the rest',
  },
  { name: 'client', usage: 'client [NAME [at NODE,…]]', summary: 'who does what follows' },
  { name: 'at once', usage: 'at once', summary: 'several clients at the same time, up to `end`' },
  { name: 'end', usage: 'end', summary: 'ends a block' },
] as const;
