/**
 * Puts the pages of the site together: docs/ and the README, without the lines that lead to their neighbours; and each source file
 * and folder that they link to, as a page, so that what can be read on GitHub can be read here.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, posix } from 'node:path';
import { documentFiles, withoutNeighbours } from '../scripts/documents.js';

const root = join(import.meta.dirname, '..');
const docs = join(root, 'docs');
const pages = join(import.meta.dirname, 'pages');

/** Where a page of docs/ is in the site. @param {string} path from docs/ */
export const pageOfDocument = (path) => path.replace(/(^|\/)README\.md$/, '$1index.md');

const home = `---
layout: home
hero:
  name: kvx
  text: Which consistency did your clients really get?
  tagline: Run a replicated key-value cluster on your machine, break it on purpose, and see with evidence what its clients got.
  actions:
    - { theme: brand, text: An hour with kvx, link: /tutorial }
    - { theme: alt, text: Five minutes, link: /readme }
    - { theme: alt, text: The laboratory, link: /lab }
---

<img class="kvx-lab light" src="./images/lab-1440-light.png" alt="The laboratory at the moment of a stale read">
<img class="kvx-lab dark" src="./images/lab-1440-dark.png" alt="The laboratory at the moment of a stale read">

`;

/** @type {Record<string, string>} */
const languages = {
  ...{ '.ts': 'ts', '.tsx': 'tsx', '.js': 'js', '.mjs': 'js', '.cjs': 'js', '.json': 'json' },
  ...{ '.kvx': 'kvx', '.yaml': 'yaml', '.yml': 'yaml', '.sh': 'sh', '.svg': 'xml', '.edn': 'edn' },
};

/** Files and folders that pages link to, from the root. @type {Set<string>} */
const sources = new Set();

/** The first sentence of what a file says of itself. @param {string} file */
function saidBy(file) {
  const [, comment = ''] =
    /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(readFileSync(file, 'utf8')) ?? [];
  const text = comment.replaceAll(/\s*\n \* ?/g, ' ').trim();
  return /^.*?[.:](?=\s|$)/.exec(text)?.[0] ?? text;
}

/** As text in a page: nothing of it is HTML or Vue's. @param {string} text */
const escaped = (text) => text.replaceAll(/[<>{}|[\]*_`\\]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The page of a file or folder, from `pages`. @param {string} path from the root */
function pageOfSource(path) {
  if (path.endsWith('.md')) return `source/${path}`;
  return `source/${statSync(join(root, path)).isDirectory() ? posix.join(path, 'index') : path}.md`;
}

/** @param {string} path from the root */
function sourcePage(path) {
  const file = join(root, path);
  const title = `# ${path}\n\n`;
  const above =
    '---\nsearch: false\noutline: false\nprev: false\nnext: false\naside: false\n---\n\n';
  if (path.endsWith('.md')) return above + staged(path, readFileSync(file, 'utf8'));
  if (!statSync(file).isDirectory()) {
    const text = readFileSync(file, 'utf8').slice(0, 200_000);
    const fence = '`````';
    return `${above}${title}${fence}${languages[extname(path)] ?? 'text'}\n${text}\n${fence}\n`;
  }
  const entries = readdirSync(file, { withFileTypes: true });
  const rows = entries
    .filter(({ name }) => !name.includes('.test.'))
    .map((entry) => {
      const below = posix.join(path, entry.name);
      const name = `${entry.name}${entry.isDirectory() ? '/' : ''}`;
      const shown = sources.has(below)
        ? `[${escaped(name)}](${posix.relative(dirname(pageOfSource(path)), pageOfSource(below))})`
        : escaped(name);
      const says =
        entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name) ? saidBy(join(root, below)) : '';
      return `| ${shown} | ${escaped(says)} |`;
    });
  return `${above}${title}|  |  |\n|---|---|\n${rows.join('\n')}\n`;
}

/** @param {string} from the page that links, from the root @param {string} target as it is written there */
function linkOf(from, target) {
  const [, path = '', fragment = ''] = /^([^#]*)(#.*)?$/.exec(target) ?? [];
  if (path === '' || /^[a-z]+:/.test(path)) return target;
  const to = posix.normalize(posix.join(posix.dirname(from), path)).replace(/\/$/, '');
  if (!existsSync(join(root, to))) throw new Error(`${from} links to ${to}, which is not there`);
  const here = dirname(pageFor(from));
  if (to.endsWith('.md') && (to === 'README.md' || to.startsWith('docs/'))) {
    return posix.relative(here, pageFor(to)) + fragment;
  }
  const folder = posix.join(to, 'README.md');
  if (to.startsWith('docs/') && existsSync(join(root, folder))) {
    return posix.relative(here, pageFor(folder)) + fragment;
  }
  sources.add(to);
  return posix.relative(here, pageOfSource(to));
}

/** @param {string} path of a document, from the root */
function pageFor(path) {
  if (path === 'README.md') return 'readme.md';
  return path.startsWith('docs/')
    ? pageOfDocument(posix.relative('docs', path))
    : pageOfSource(path);
}

/** Scripts of the zoo are indented, which fits no narrow window; a terminal is known by its first line. @param {string} path @param {string} text */
function withFences(path, text) {
  const fenced = path.startsWith('docs/zoo/')
    ? text.replaceAll(
        /(?<=^\n)(?: {4}.*\n)+(?=\n)/gm,
        (script) => `\`\`\`kvx\n${script.replace(/^ {4}/gm, '')}\`\`\`\n`,
      )
    : text;
  return fenced.replaceAll(/^( *)```(?:console)?\n(?= *(?:\$|kvx) )/gm, '$1```kvx-console\n');
}

/** Fences and what is between them stay as they are. @param {string} path @param {string} text */
const staged = (path, text) =>
  withFences(path, text)
    .split(/(^ *```[\s\S]*?^ *```$)/m)
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part
            .replaceAll(/(!?)(\[[^\]]*\]\()([^)\s]+)\)/g, (_, image, words, target) => {
              const local = image === '' ? linkOf(path, target) : imageOf(path, target);
              return `${image}${words}${local})`;
            })
            .replaceAll('{{', '&#123;&#123;'),
    )
    .join('');

/** @param {string} from @param {string} target */
const imageOf = (from, target) =>
  /^[a-z]+:/.test(target) || from !== 'README.md' ? target : `./${posix.relative('docs', target)}`;

/** @param {string} page from `pages` @param {string} text */
function write(page, text) {
  const file = join(pages, page);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

export function stagePages() {
  rmSync(pages, { recursive: true, force: true });
  for (const each of readdirSync(docs, { recursive: true, encoding: 'utf8' })) {
    if (/\.(?:png|svg|jpg)$/.test(each)) cpSync(join(docs, each), join(pages, each));
  }
  for (const path of documentFiles(docs)) {
    const text = withoutNeighbours(readFileSync(join(docs, path), 'utf8'));
    write(pageOfDocument(path), staged(`docs/${path}`, text));
  }
  write('readme.md', staged('README.md', readFileSync(join(root, 'README.md'), 'utf8')));
  const index = staged('docs/index.md', readFileSync(join(docs, 'index.md'), 'utf8'));
  write('index.md', home + index.slice(index.indexOf('\n## ')));
  const documents = documentFiles(docs).length + 2;
  for (const path of sources) write(pageOfSource(path), sourcePage(path));
  return { documents, sources: sources.size };
}
