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
  readonly args: readonly string[];
  readonly exitCode: number;
  /** What standard output must look like. */
  readonly stdout?: RegExp;
  /** Typed again and again until it behaves as told, for what takes a moment; only the last is shown. */
  readonly patienceMs?: number;
}

const key = 'greeting';

/** In the majority's part, and the one cut off. Both are among the three owners of the key. */
const [inside, outside] = ['n1', 'n4'];

export const demoScript: readonly DemoStep[] = [
  {
    title: 'Start four nodes',
    intro:
      'Real nodes on this machine, each with its own journal on disk. Every key is kept by three.',
    commands: [{ args: ['cluster', 'up', '--nodes', '4'], exitCode: 0, stdout: /n4 +running/ }],
    lesson: 'All four answer.',
  },
  {
    title: 'Write',
    commands: [
      { args: ['put', key, 'hello'], exitCode: 0, stdout: /^OK\n$/ },
      {
        args: ['search', key],
        exitCode: 0,
        stdout: /(?:^n\d +hello .*\n(?:^n\d +\(keeps no copy\)\n)?){3}/m,
        patienceMs: 2_000,
      },
    ],
    lesson: `Three owners hold the same version of it; ${outside} is one of them.`,
  },
  {
    title: `Cut ${outside} off`,
    commands: [{ args: ['fault', 'isolate', outside], exitCode: 0, stdout: /^n4 +cut +cut +cut/m }],
    lesson: `${outside} still runs, but no message gets to it or away from it.`,
  },
  {
    title: 'Write again, where the majority is',
    commands: [
      { args: ['put', key, 'bonjour', '--node', inside], exitCode: 0, stdout: /^OK\n$/ },
      { args: ['get', key, '--node', inside], exitCode: 0, stdout: /^bonjour\n$/ },
    ],
    lesson: 'Two of three owners are a quorum: the write is safe, and reads there see it.',
  },
  {
    title: `A stale read, on the side of ${outside}`,
    commands: [
      {
        args: ['get', key, '--node', outside, '--level', 'one'],
        exitCode: 0,
        stdout: /^hello\n$/,
      },
    ],
    lesson: `Level one asks a single replica, and ${outside} never heard of "bonjour". Fast, always there, and wrong.`,
  },
  {
    title: 'Ask the same node for a quorum',
    commands: [
      {
        args: ['get', key, '--node', outside, '--level', 'quorum', '--timeout', '1s'],
        exitCode: 3,
        patienceMs: 5_000,
      },
      {
        args: ['put', key, 'hola', '--node', outside, '--timeout', '1s'],
        exitCode: 3,
      },
    ],
    lesson:
      'One of three is no quorum, so it says no rather than something stale. Exit code 3: it surely did not happen.',
  },
  {
    title: 'Heal',
    commands: [
      { args: ['fault', 'heal'], exitCode: 0, stdout: /^n4 +ok +ok +ok/m },
      { args: ['verify'], exitCode: 0, stdout: /^agree$/m },
      {
        args: ['get', key, '--node', outside, '--level', 'one'],
        exitCode: 0,
        stdout: /^bonjour\n$/,
      },
    ],
    lesson: `What ${outside} had missed was handed over. All replicas agree, and level one is right again.`,
  },
  {
    title: 'Stop',
    commands: [{ args: ['cluster', 'down', '--wipe'], exitCode: 0, stdout: /wiped/ }],
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
