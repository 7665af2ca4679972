/** Builds dist/complete.cjs: what the Tab key calls. It holds the words of all commands as data, and neither oclif nor operations. */
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { lateLoading } from './late-loading.js';

/** @param {string} root @param {string} outDir where the commands have been built */
export async function buildCompletion(root, outDir) {
  const told = join(outDir, 'vocabulary.cjs');
  const { packVocabulary, vocabularyWith } = createRequire(import.meta.url)(told);
  const vocabulary = packVocabulary(vocabularyWith(join(root, 'scenarios')));
  // It has told all there is to know.
  rmSync(told);
  rmSync(`${told}.map`);
  const bundle = await rolldown({
    cwd: root,
    input: { complete: join(root, 'src/cli/completion/entry.ts') },
    platform: 'node',
    plugins: lateLoading(),
    transform: { define: { kvxVocabulary: JSON.stringify(vocabulary) } },
  });
  await bundle.write({
    dir: outDir,
    format: 'cjs',
    sourcemap: true,
    codeSplitting: false,
    entryFileNames: '[name].cjs',
  });
}
