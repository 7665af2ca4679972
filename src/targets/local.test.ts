import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resolveSpec } from '../config/resolve.js';
import { KvxError } from '../core/errors.js';
import { attachedTarget } from './local.js';

it('says that the cluster went down meanwhile, and no more than is known', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kvx-'));
  try {
    const record = { ...resolveSpec([]), formatVersion: 1, id: 'abc', createdAt: 0 } as const;
    const cluster = { record, folder, sockets: folder };
    const target = attachedTarget(cluster, new AbortController().signal);
    const explained = (code: 'unavailable' | 'disconnected', definite: boolean) =>
      target.explain(new KvxError('no answer', { code, definite, hint: 'Run it again.' }));
    expect(explained('unavailable', true)).toMatchObject({
      ...{ code: 'cluster', definite: true, message: 'cluster dev is not up' },
    });
    for (const code of ['unavailable', 'disconnected'] as const) {
      expect(explained(code, false)).toMatchObject({
        ...{ code, definite: false, message: 'no answer' },
        hint: 'Now cluster dev is not up. Start it with `kvx cluster up --name dev`. Run it again.',
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
