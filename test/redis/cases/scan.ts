/** tests/unit/scan.tcl */
import type { AskFirst, RedisCase, RedisCaseFile } from './redis-case.js';

/** No FLUSHDB is needed for it. */
export async function empty(ask: AskFirst): Promise<void> {
  const keys = (await ask('keys *')) as string[];
  for (let at = 0; at < keys.length; at += 200) await ask(['del', ...keys.slice(at, at + 200)]);
}

async function populate(ask: AskFirst, count: number): Promise<void> {
  await empty(ask);
  const words = Array.from({ length: count }, (_, nth) => [`key:${nth}`, `value:${nth}`]);
  for (let at = 0; at < count; at += 100) await ask(['mset', ...words.slice(at, at + 100).flat()]);
}

/** The keys of a whole scan, once each. `between`: what is done between two steps of it. */
async function scanned(
  ask: AskFirst,
  options = '',
  between: () => Promise<void> = async () => {},
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let cursor = '0'; ; ) {
    const [next, keys] = (await ask(`scan ${cursor}${options}`)) as [string, string[]];
    for (const key of keys) found.add(key);
    cursor = next;
    if (cursor === '0') return found;
    await between();
  }
}

/** A scan of 1000 keys with these options finds so many. */
const finds = (name: string, options: readonly (readonly [string, number])[]): RedisCase => ({
  name,
  steps: [],
  async check(ask) {
    await populate(ask, 1000);
    for (const [option, count] of options) {
      const { size } = await scanned(ask, option);
      if (size !== count) return `scan${option} found ${size} keys`;
    }
    return null;
  },
});

export const scanCases: RedisCaseFile = {
  file: 'scan.tcl',
  count: 14,
  holding: [
    finds('SCAN basic', [['', 1000]]),
    finds('SCAN COUNT', [[' count 5', 1000]]),
    finds('SCAN MATCH', [[' match key:1??', 100]]),
    finds('SCAN TYPE', [
      [' type list', 0],
      [' type string', 1000],
      [' type string match key:* count 10', 1000],
    ]),
    {
      name: 'SCAN guarantees check under write load',
      steps: [],
      async check(ask) {
        await populate(ask, 100);
        let round = 0;
        const found = await scanned(ask, '', async () => {
          const added = Array.from({ length: 10 }, () => `addedkey:${(round++ * 7919) % 1000}`);
          for (const key of added) await ask(`set ${key} foo`);
        });
        const there = [...found].filter((key) => key.length <= 6);
        return there.length === 100 ? null : `found ${there.length} of 100 keys`;
      },
    },
  ],
  beside: [
    {
      names: [
        ...['SSCAN', 'HSCAN', 'ZSCAN'].map((command) => `${command} with encoding $enc`),
        ...['SSCAN', 'HSCAN', 'ZSCAN'].map((command) => `${command} with PATTERN`),
        'SSCAN with integer encoded object (issue #1345)',
        'ZSCAN scores: regression test for issue #2175',
        'SCAN regression test for issue #4906',
      ],
      why: 'values are strings: there are no sets, hashes and sorted sets',
    },
  ],
  different: [],
};
