import { describe, expect, it } from 'vitest';
import { configAsYaml, configOf, settingsOf } from './effective.js';
import { parseConfig } from './file.js';
import { ConfigError, flagSetting, formatPlace, type Setting } from './problem.js';
import { resolveSpec } from './resolve.js';

const resolveText = (text: string, ...more: Setting[]) =>
  resolveSpec([...parseConfig(text, 'dev.yaml'), ...more]);

/** Every problem as `place: message`, as a user sees it. */
function problemsOf(text: string, ...more: Setting[]): string[] {
  try {
    resolveText(text, ...more);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => `${formatPlace(problem)}: ${problem.message}`);
  }
  return [];
}

describe('a configuration', () => {
  it('needs nothing: everything has a default', () => {
    expect(resolveText('')).toMatchObject({
      name: 'dev',
      mode: 'quorum',
      nodes: ['n1', 'n2', 'n3', 'n4'],
      runtime: 'threads',
      sync: 'always',
      trace: 'off',
      options: { replicas: 3, read: 'quorum', write: 'quorum' },
      delays: [],
    });
  });

  it('reads YAML, and JSON as well', () => {
    const spec = resolveText('name: a\nnodes: 2\nreplicas: 2\nread: one\nsync: off\n');
    const same = resolveText('{"name":"a","nodes":2,"replicas":2,"read":"one","sync":"off"}');
    expect(spec).toEqual(same);
    expect(spec).toMatchObject({ nodes: ['n1', 'n2'], options: { replicas: 2, read: 'one' } });
  });

  it('takes levels as names and as numbers, durations with their unit', () => {
    const text = 'read: 1\nwrite: "3"\nheartbeatMs: 100ms\nsuspicionMs: 1s\n';
    expect(resolveText(text).options).toMatchObject({
      read: 1,
      write: 3,
      heartbeatMs: 100,
      suspicionMs: 1000,
    });
  });

  it('says yes and no to a trace in the words of YAML, too', () => {
    for (const yes of ['on', 'true']) expect(resolveText(`trace: ${yes}`).trace).toBe('on');
    for (const no of ['off', 'false']) expect(resolveText(`trace: ${no}`).trace).toBe('off');
    expect(problemsOf('trace: maybe')).toEqual([expect.stringContaining('must be on or off')]);
  });

  it('gives way to flags', () => {
    expect(resolveText('nodes: 3', flagSetting('nodes', 5, '--nodes')).nodes).toHaveLength(5);
  });

  it('may name its nodes', () => {
    expect(resolveText('nodes: [paris, oslo]').nodes).toEqual(['paris', 'oslo']);
  });
});

describe('delays', () => {
  const matrix = 'nodes: 3\ndelays:\n  - [0, 10, 0]\n  - [10, 0, 20]\n  - [0, 2.5ms, 0]\n';

  it('come as a matrix, row: from, column: to', () => {
    expect(resolveText(matrix).delays).toEqual([
      { from: 'n1', to: 'n2', meanMs: 10 },
      { from: 'n2', to: 'n1', meanMs: 10 },
      { from: 'n2', to: 'n3', meanMs: 20 },
      { from: 'n3', to: 'n2', meanMs: 2.5 },
    ]);
  });

  it('or for every link, one way and both ways', () => {
    const delay = flagSetting('delay', ['5ms', 'n1>n2=20ms', 'n1-n3=0ms'], '--delay');
    expect(resolveText('nodes: 3', delay).delays).toEqual([
      { from: 'n1', to: 'n2', meanMs: 20 },
      { from: 'n2', to: 'n1', meanMs: 5 },
      { from: 'n2', to: 'n3', meanMs: 5 },
      { from: 'n3', to: 'n2', meanMs: 5 },
    ]);
    expect(resolveText('nodes: 2\ndelays: {n1>n2: 20ms}').delays).toHaveLength(1);
  });

  it('are wrong with line and column, cell by cell', () => {
    expect(problemsOf('nodes: 2\ndelays:\n  - [1, -2]\n  - [x]\n')).toEqual([
      'dev.yaml:3:6: a node has no delay to itself: expected 0, not 1',
      'dev.yaml:3:9: expected a delay such as 20ms, at most 1h, not -2',
      'dev.yaml:4:5: row 2 of the delays has 1 columns, but the matrix must be 2 × 2',
    ]);
    expect(problemsOf('', flagSetting('delay', ['20', 'n1>n9=1ms'], '--delay'))).toEqual([
      '--delay: expected a delay such as 20ms, at most 1h, not "20"',
      '--delay: "n1>n9" is not a link of this cluster; say n1>n2 for one way, n1-n2 for both',
    ]);
  });
});

describe('what is wrong', () => {
  it('is listed whole, each thing with its line and column', () => {
    const text = [
      'name: "no spaces"',
      'nodes: 400',
      'runtime: thread',
      'replcas: 3',
      'read: most',
      'heartbeatMs: 1',
    ].join('\n');
    expect(problemsOf(text).sort()).toEqual([
      'dev.yaml:1:7: "no spaces" can\'t be a cluster\'s name: up to 32 letters, digits, - and _, the first a letter or digit',
      'dev.yaml:2:8: a cluster has 1 to 64 nodes: expected a number or a list of names, not 400',
      'dev.yaml:3:10: runtime must be threads or processes, not "thread", did you mean "threads"?',
      'dev.yaml:4:1: mode quorum has no setting "replcas", did you mean "replicas"?',
      expect.stringMatching(/^dev\.yaml:5:7: mode quorum has no level "most"; it has one, two/),
      expect.stringMatching(/^dev\.yaml:6:14: option heartbeatMs must be .* at least 10/),
    ]);
  });

  it('names the modes when there is none of that name', () => {
    expect(problemsOf('mode: quorom\nreplicas: 99')).toEqual([
      expect.stringMatching(
        /^dev\.yaml:1:7: there is no mode "quorom"; the modes are .*; did you mean "quorum"\?$/,
      ),
    ]);
  });

  it('includes what the YAML itself has wrong', () => {
    const [first] = problemsOf('nodes: [1, 2\nmode: quorum\n');
    expect(first).toMatch(/^dev\.yaml:\d+:\d+: /);
    expect(problemsOf('mode: quorum\nmode: quorum\n')[0]).toMatch(/^dev\.yaml:2:1: .*twice/);
    expect(problemsOf('- quorum')[0]).toMatch(/^dev\.yaml:1:1: expected settings/);
  });

  it('points at options that only together are impossible', () => {
    const [first] = problemsOf('nodes: 2\nreplicas: 3');
    expect(first).toMatch(/^dev\.yaml:2:11: option replicas is 3, but there are only 2 nodes/);
  });

  it('can be a key that no object should have', () => {
    expect(problemsOf('__proto__: 1\nconstructor: 2')).toHaveLength(2);
  });
});

describe('the effective configuration', () => {
  it('read back gives the same cluster', () => {
    const spec = resolveText('nodes: 3\nread: one\ndelay: n1>n2=20ms\nsync: off\ntrace: on');
    expect(resolveText(configAsYaml(spec))).toEqual(spec);
    expect(resolveText(JSON.stringify(configOf(spec)))).toEqual(spec);
    expect(resolveSpec(settingsOf(spec))).toEqual(spec);
  });
});
