/**
 * Builds the pages: dist/web/report.html and dist/web/lab.html, each one file that asks for nothing else, also from file://.
 *
 * A page has its styles, its script and what it shows in itself. What it computes in a worker is a script of its own, kept as
 * text that the page makes a worker of.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/**
 * By name: the folder under src/web, whose worker.ts stands in the page as text; `isItsWorker`: so does its own script, which
 * does the same.
 */
export const pages = { report: { isItsWorker: false }, lab: { isItsWorker: true } };

/** A page may run what it brings with it, and ask for nothing. */
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** In a page there are no files: what reads them is left out. Whoever calls it anyway is told so. */
const withoutNode = {
  name: 'kvx-pages-have-no-files',
  resolveId: (/** @type {string} */ id) => (id.startsWith('node:') ? `\0absent:${id}` : undefined),
  load: (/** @type {string} */ id) =>
    id.startsWith('\0absent:')
      ? { code: 'module.exports = {};', moduleType: /** @type {const} */ ('js') }
      : undefined,
};

/** The module `kvx:scenarios`: what the folder of scenarios has, as { name, text }. @param {string} root */
const withScenarios = (root) => ({
  name: 'kvx-scenarios',
  resolveId: (/** @type {string} */ id) => (id === 'kvx:scenarios' ? `\0${id}` : undefined),
  load(/** @type {string} */ id) {
    if (id !== '\0kvx:scenarios') return;
    const scenarios = ['', 'zoo/'].flatMap((folder) =>
      readdirSync(join(root, 'scenarios', folder))
        .filter((file) => file.endsWith('.kvx'))
        .sort()
        .map((file) => ({
          name: `${folder}${file.slice(0, -'.kvx'.length)}`,
          text: readFileSync(join(root, 'scenarios', folder, file), 'utf8'),
        })),
    );
    return `export const scenarios = ${JSON.stringify(scenarios)};`;
  },
});

/** @param {string} root @param {string} entry */
export async function scriptOf(root, entry) {
  const bundle = await rolldown({
    cwd: root,
    input: join(root, entry),
    platform: 'browser',
    plugins: [withoutNode, withScenarios(root)],
    transform: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    onLog: (level, log, handle) => {
      if (level === 'warn') throw new Error(log.message);
      handle(level, log);
    },
  });
  const { output } = await bundle.generate({ format: 'iife', minify: true });
  const [{ code }] = output;
  await bundle.close();
  // It stands within a script element.
  return code.replaceAll('</script', '<\\/script');
}

/** @param {string} root @param {string} name */
export function stylesOf(root, name) {
  const files = [
    'node_modules/uplot/dist/uPlot.min.css',
    'src/web/parts/theme.css',
    'src/web/diagram/diagram.css',
    `src/web/${name}/${name}.css`,
    `src/web/${name}/panels/panels.css`,
  ];
  return files
    .map((file) => join(root, file))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

/** @param {string} root @param {keyof typeof pages} name */
async function pageOf(root, name) {
  const script = await scriptOf(root, `src/web/${name}/main.tsx`);
  const worker = await scriptOf(root, `src/web/${name}/worker.ts`);
  const { isItsWorker } = pages[name];
  // Of what a run comes from: a link to a run of other code says so.
  const code = createHash('sha256').update(worker).digest('hex').slice(0, 12);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="content-security-policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta name="kvx-code" content="${code}">`,
    '<link rel="icon" href="data:,">',
    `<title>kvx ${name}</title>`,
    `<style>${stylesOf(root, name)}</style>`,
    '</head>',
    '<body>',
    '<div id="app"></div>',
    // Seen while the page has nothing in it.
    '<p class="not-shown">Nothing to see: this file was cut short, or scripts are turned off.</p>',
    '<!--data-->',
    ...(isItsWorker ? [] : [`<script id="worker" type="text/plain">${worker}</script>`]),
    `<script${isItsWorker ? ' id="worker"' : ''}>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** @param {string} root @param {string} outDir */
export async function buildPages(root, outDir) {
  mkdirSync(join(outDir, 'web'), { recursive: true });
  for (const name of /** @type {(keyof typeof pages)[]} */ (Object.keys(pages))) {
    writeFileSync(join(outDir, 'web', `${name}.html`), await pageOf(root, name));
  }
}
