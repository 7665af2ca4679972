/** The demo as data: what is typed, what is told about it, and what must come of it for the telling to be true. */

export interface DemoStep {
  readonly title: string;
  /** Why the commands are typed. */
  readonly intro?: string;
  readonly commands: readonly DemoCommand[];
  /** What was just seen. */
  readonly lesson: string;
}

export interface DemoCommand {
  /** After `kvx`, as typed. */
  readonly line: string;
  readonly exitCode: number;
  /** What standard output must look like. */
  readonly stdout?: RegExp;
  /** Typed again and again until it behaves as told, for what takes a moment; only the last is shown. */
  readonly patienceMs?: number;
}

const succeeds = (line: string, stdout: RegExp): DemoCommand => ({ line, stdout, exitCode: 0 });

/** n1 is in the majority's part, n4 is the one cut off. Both are among the three owners of the key. */
export const demoScript: readonly DemoStep[] = [
  {
    title: 'Start four nodes',
    intro:
      'Real nodes on this machine, each with its own journal on disk. Every key is kept by three.',
    commands: [succeeds('cluster up --nodes 4', /n4 +running/)],
    lesson: 'All four answer.',
  },
  {
    title: 'Write',
    commands: [
      succeeds('put greeting hello', /^OK\n$/),
      {
        ...succeeds('search greeting', /(?:^n\d +hello .*\n(?:^n\d +\(keeps no copy\)\n)?){3}/m),
        patienceMs: 2_000,
      },
    ],
    lesson: 'Three owners hold the same version of it; n4 is one of them.',
  },
  {
    title: 'Cut n4 off',
    commands: [succeeds('fault isolate n4', /^n4 +cut +cut +cut/m)],
    lesson: 'n4 still runs, but no message gets to it or away from it.',
  },
  {
    title: 'Write again, where the majority is',
    commands: [
      succeeds('put greeting bonjour --node n1', /^OK\n$/),
      succeeds('get greeting --node n1', /^bonjour\n$/),
    ],
    lesson: 'Two of three owners are a quorum: the write is safe, and reads there see it.',
  },
  {
    title: 'A stale read, on the side of n4',
    commands: [succeeds('get greeting --node n4 --level one', /^hello\n$/)],
    lesson:
      'Level one asks a single replica, and n4 never heard of "bonjour". Fast, always there, and wrong.',
  },
  {
    title: 'Ask the same node for a quorum',
    commands: [
      {
        line: 'get greeting --node n4 --level quorum --timeout 1s',
        ...{ exitCode: 3, patienceMs: 5_000 },
      },
      { line: 'put greeting hola --node n4 --timeout 1s', exitCode: 3 },
    ],
    lesson:
      'One of three is no quorum, so it says no rather than something stale. Exit code 3: it surely did not happen.',
  },
  {
    title: 'Heal',
    commands: [
      succeeds('fault heal', /^n4 +ok +ok +ok/m),
      succeeds('verify', /^agree$/m),
      succeeds('get greeting --node n4 --level one', /^bonjour\n$/),
    ],
    lesson: 'What n4 had missed was handed over. All replicas agree, and level one is right again.',
  },
  {
    title: 'Stop',
    commands: [succeeds('cluster down --wipe', /wiped/)],
    lesson: 'Nothing is left behind.',
  },
];

/** Said before anything is typed. */
export const demoIntro =
  'kvx runs a replicated key-value cluster on this machine, breaks it on purpose, and shows which consistency its clients get. Half a minute, nothing faked:';

/** What a newcomer types next. */
export const demoNext = [
  'kvx cluster up',
  'kvx put greeting hello',
  'kvx cluster status',
  'kvx -h',
];
