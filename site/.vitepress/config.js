/** The site of docs/: navigation from docs/index.md, search without a server, nothing from elsewhere. */
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { documentSections } from '../../scripts/documents.js';
import { anchorOf } from '../anchor.js';
import { pageOfDocument } from '../stage.js';
import { consoleGrammar, kvxGrammar } from './kvx.tmLanguage.js';

const docs = join(import.meta.dirname, '../../docs');

const link = (path) => `/${pageOfDocument(path)}`;

const itemOf = ({ path, title, below }) => ({
  text: title,
  link: link(path),
  ...(below.length === 0 ? {} : { collapsed: true, items: below.map(itemOf) }),
});

const sections = documentSections(docs).map(({ title, entries }) => ({
  text: title,
  items: entries.map(itemOf),
}));

const sidebar = [
  { items: [{ text: 'Read me: a tour', link: '/readme.md' }] },
  ...sections.map((section) => ({ ...section, collapsed: false })),
];

const mark =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#00659f"/><path d="M9 7v18M9 16l12-9M9 16l12 9" stroke="#fff" stroke-width="4" fill="none" stroke-linecap="round"/></svg>';

export default defineConfig({
  lang: 'en',
  title: 'kvx',
  description: 'Run a replicated key-value cluster, break it on purpose, and see what clients got',
  srcDir: 'pages',
  outDir: '../out/site',
  cacheDir: '../out/site-cache',
  head: [
    ['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(mark)}` }],
    ['meta', { name: 'theme-color', content: '#00659f' }],
  ],
  markdown: {
    languages: [kvxGrammar, consoleGrammar],
    languageAlias: { edn: 'clojure' },
    anchor: { slugify: anchorOf },
    toc: { slugify: anchorOf },
    headers: { slugify: anchorOf },
  },
  themeConfig: {
    nav: [
      { text: 'Documents', link: '/' },
      ...['Begin', 'Judge it', 'Reference'].map((title) => ({
        text: title,
        link: sections.find(({ text }) => text === title).items[0].link,
      })),
    ],
    sidebar,
    outline: { level: [2, 3], label: 'On this page' },
    search: { provider: 'local' },
    externalLinkIcon: true,
  },
});
