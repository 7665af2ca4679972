import { describe, expect, it } from 'vitest';
import { configAsYaml, configOf, settingsOf } from './effective.js';
import { parseConfig } from './file.js';
import { ConfigError, flagSetting, formatPlace, type Setting } from './problem.js';
import { resolveSpec } from './resolve.js';
import type { RespSpec } from './spec.js';

const flag = (name: string, value: unknown): Setting => flagSetting(name, value, `--${name}`);
const respOf = (text: string, ...flags: Setting[]): RespSpec | null | undefined =>
  resolveSpec([...parseConfig(text, 'dev.yaml'), ...flags]).resp;

function problemsOf(text: string, ...flags: Setting[]): string[] {
  try {
    respOf(text, ...flags);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => `${formatPlace(problem)}: ${problem.message}`);
  }
  return [];
}

const plain = { host: '127.0.0.1', password: null, port: 7379 };

describe('Redis clients', () => {
  it.each([
    ['', null],
    ['resp: off', null],
    ['resp: false', null],
    ['resp: on', plain],
    ['resp: true', plain],
    ['resp: 7000', { ...plain, port: 7000 }],
    ['resp: "7000"', { ...plain, port: 7000 }],
    ['resp: {}', plain],
    ['resp: { port: 7000, host: "::1" }', { ...plain, host: '::1', port: 7000 }],
    ['resp: on\nresp-host: localhost', { ...plain, host: 'localhost' }],
    ['resp: { host: 0.0.0.0, password: "007" }', { ...plain, host: '0.0.0.0', password: '007' }],
    // As the environment may say it to all clusters.
    ['resp-host: 0.0.0.0\nresp-password: x', null],
  ])('are let in by %j as it says', (text, resp) => {
    expect(respOf(text)).toEqual(resp);
  });

  it('are let in by flags over what a file or an earlier cluster says', () => {
    const text = 'resp: { host: 0.0.0.0, password: secret, port: 7000 }';
    const earlier = { host: '0.0.0.0', password: 'secret', port: 7000 };
    expect(respOf(text, flag('resp', 'on'))).toEqual(earlier);
    expect(respOf(text, flag('resp', '7100'))).toEqual({ ...earlier, port: 7100 });
    expect(respOf(text, flag('resp-password', 'new'))).toEqual({ ...earlier, password: 'new' });
    expect(respOf(text, flag('resp', 'off'))).toBeNull();
    // What was said before it is over, too.
    expect(respOf(text, flag('resp', 'off'), flag('resp', 'on'))).toEqual(plain);
  });

  it.each([
    ['resp: nope', '1:7: resp must be a port such as 7379, or on or off, not "nope"'],
    ['resp: [1]', '1:7: resp must be a port such as 7379, or on or off, not a list of 1'],
    ['resp: 0', '1:7: resp takes ports from 1 to 65535, not 0 to 3, one a node'],
    ['resp: 65533', '1:7: resp takes ports from 1 to 65535, not 65533 to 65536, one a node'],
    ['nodes: 1\nresp: 70000', '2:7: resp takes ports from 1 to 65535, not 70000'],
    ['resp: { prot: 1 }', '1:15: resp has no "prot"; it has port, host, password'],
    [
      'resp: { host: a b }',
      '1:15: the host of resp must be an address or a name of this machine, not "a b"',
    ],
    [
      'resp: { password: 007 }',
      '1:19: the password of resp must be text of 1 to 512 bytes; what looks like a number needs quotes',
    ],
    [
      'resp: { password: "" }',
      '1:19: the password of resp must be text of 1 to 512 bytes; what looks like a number needs quotes',
    ],
    ...['0.0.0.0', '192.168.1.7', '"::"', 'localhost.example', '127.0.0.1.example'].map((host) => [
      `resp: { port: 7000, host: ${host} }`,
      `1:27: other machines can reach ${host.replaceAll('"', '')}: clients need a password there, given with --resp-password or KVX_RESP_PASSWORD`,
    ]),
  ])('%j is refused at its place', (text, problem) => {
    expect(problemsOf(text)).toEqual([`dev.yaml:${problem}`]);
  });

  it('need a password from elsewhere, told by the flag that makes it so', () => {
    const [problem] = problemsOf('resp: 7000', flag('resp-host', '0.0.0.0'));
    expect(problem).toMatch(/^--resp-host: other machines can reach 0\.0\.0\.0/);
  });

  it('show in the configuration with everything but the password, which has to be given again', () => {
    const spec = resolveSpec([flag('resp', '7000'), flag('resp-password', 's3cret')]);
    const shown = [configAsYaml(spec), JSON.stringify(configOf(spec))];
    for (const text of shown) {
      expect(text).not.toContain('s3cret');
      const [problem] = problemsOf(text);
      expect(problem).toMatch(/says that there is a password, not which: give it with/);
      expect(resolveSpec([...parseConfig(text, ''), flag('resp-password', 's3cret')])).toEqual(
        spec,
      );
    }
    expect(resolveSpec(settingsOf(spec))).toEqual(spec);
    for (const settings of [[], [flag('resp', 'on')]]) {
      const open = resolveSpec(settings);
      expect(resolveSpec(parseConfig(configAsYaml(open), ''))).toEqual(open);
    }
  });
});
