import { closeSync, openSync, readSync, statSync } from 'node:fs';
import {
  Composer,
  type CST,
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  Parser,
  visit,
} from 'yaml';
import type { Setting } from './problem.js';
import { ConfigError, type Place, type Problem, readProblem, withModuleBeside } from './problem.js';

/** A configuration is small (64 nodes with all their delays are some 80 KB); whatever is larger was given by mistake. */
const fileBytesMax = 128 * 1024;
/** Settings are lists of lists at most. What YAML takes for a nested value takes it longer than its length. */
const depthMax = 16;
const aliasesMax = 100;
/** Values in one setting, those behind aliases counted each time. */
const valuesMax = 20_000;

/**
 * The settings in a YAML or JSON file; `-` is standard input. Throws {@link ConfigError} when it can't be read or parsed; what the settings
 * mean, and whether they exist, is looked at later.
 */
export function readConfigFile(path: string): Setting[] {
  const source = path === '-' ? 'standard input' : path;
  let bytes: Uint8Array;
  try {
    bytes = readUpTo(path, fileBytesMax + 1);
  } catch (error) {
    throw new ConfigError([{ source, message: readProblem(error) }]);
  }
  return parseConfig(bytes, source).map((setting) => withModuleBeside(source, setting));
}

/** As {@link readConfigFile}, for a file that a script names: one that lets nobody wait, and no signal. */
export function readPlainConfigFile(path: string): Setting[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile() && !found.isDirectory()) {
    throw new ConfigError([{ source: path, message: 'it is no plain file' }]);
  }
  return readConfigFile(path);
}

/** Also what is no file, and never ends. */
function readUpTo(path: string, bytesMax: number): Uint8Array {
  const file = path === '-' ? 0 : openSync(path, 'r');
  try {
    const bytes = new Uint8Array(bytesMax);
    let size = 0;
    for (;;) {
      const read = readSync(file, bytes, size, bytesMax - size, null);
      size += read;
      if (read === 0 || size === bytesMax) return bytes.subarray(0, size);
    }
  } finally {
    if (path !== '-') closeSync(file);
  }
}

type PlaceAt = (offset: number) => Place;

/** As {@link readConfigFile}, for bytes or text already here. JSON is YAML, so one parser reads both. */
export function parseConfig(content: Uint8Array | string, source: string): Setting[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  if (bytes.length > fileBytesMax) {
    throw new ConfigError([{ source, message: `it is larger than ${fileBytesMax / 1024} KiB` }]);
  }
  const text = Buffer.from(bytes).toString();
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { source, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  for (const token of tokens) checkDepth(token, placeAt);
  const documents = [...new Composer({ uniqueKeys: false }).compose(tokens, true, text.length)];
  const [document, second] = documents;
  if (document === undefined) return [];
  const problems: Problem[] = document.errors.map((error) => ({
    ...placeAt(error.pos[0]),
    message: firstLineOf(error.message),
  }));
  if (second !== undefined) {
    const message = 'a second document begins here; a configuration is one';
    problems.push({ ...placeAt(second.range[0]), message });
  }
  if (problems.length === 0) problems.push(...problemsIn(document, placeAt));
  if (problems.length > 0) throw new ConfigError(problems);
  return settingsOf(document, placeAt);
}

const firstLineOf = (message: string): string => message.split('\n', 1)[0] as string;

/** Without recursion, which is what has to be kept from going too deep. */
function checkDepth(document: CST.Token, placeAt: PlaceAt): void {
  const left: { readonly token: CST.Token; readonly depth: number }[] = [
    { token: document, depth: 0 },
  ];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { token, depth } = next;
    if (depth > depthMax) {
      const message = `values are nested in more than ${depthMax} others here`;
      throw new ConfigError([{ ...placeAt(token.offset), message }]);
    }
    const nested = depth + (token.type === 'document' ? 0 : 1);
    if ('value' in token && token.value) left.push({ token: token.value, depth: nested });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key) left.push({ token: key, depth: nested });
      if (value) left.push({ token: value, depth: nested });
    }
  }
}

/** What the parser leaves to whoever uses its document: keys given twice, and aliases of nothing, of themselves, too many. */
function problemsIn(document: Document, placeAt: PlaceAt): Problem[] {
  const problems: Problem[] = [];
  const anchored = new Map<string, unknown>();
  let aliases = 0;
  const report = (node: unknown, message: string): void => {
    const range = isNode(node) ? node.range : null;
    problems.push({ ...placeAt(range?.[0] ?? 0), message });
  };
  visit(document, {
    Map(_, map) {
      if (map.anchor !== undefined) anchored.set(map.anchor, map);
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) report(key ?? map, 'a key is a word');
        else if (keys.has(key.value)) report(key, 'this key stands here twice');
        else keys.add(key.value);
      }
    },
    Value(_, node) {
      if (node.anchor !== undefined) anchored.set(node.anchor, node);
    },
    Alias(_, alias, path) {
      aliases += 1;
      const meant = anchored.get(alias.source);
      if (aliases > aliasesMax) report(alias, `there are more than ${aliasesMax} aliases`);
      else if (meant === undefined) report(alias, `there is no anchor &${alias.source} before it`);
      else if (path.includes(meant as Document)) report(alias, 'it stands within its own anchor');
      return aliases > aliasesMax ? visit.BREAK : undefined;
    },
  });
  return problems;
}

function settingsOf(document: Document, placeAt: PlaceAt): Setting[] {
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return [];
  if (!isMap(contents)) {
    throw new ConfigError([
      {
        ...placeAt(contents.range?.[0] ?? 0),
        message: 'expected settings, such as `mode: quorum`',
      },
    ]);
  }
  const startOf = (node: unknown, otherwise: number): number =>
    (isNode(node) ? node.range?.[0] : undefined) ?? otherwise;
  return contents.items.map(({ key, value }) => {
    const nameAt = startOf(key, 0);
    const place = placeAt(startOf(value, nameAt));
    return {
      name: String(isScalar(key) ? key.value : key),
      value: isNode(value) ? plainValue(value.toJS(document, { maxAliasCount: -1 }), place) : value,
      namePlace: placeAt(nameAt),
      placeOf: (path = []) => {
        const found = path.length === 0 ? value : nodeAt(value, path);
        return placeAt(startOf(found, startOf(value, nameAt)));
      },
    };
  });
}

/** Aliases make of a tree what may be larger than any memory once it is written out. */
function plainValue(value: unknown, place: Place): unknown {
  let count = 0;
  const walk = (part: unknown): void => {
    if (++count > valuesMax) {
      throw new ConfigError([{ ...place, message: `it has more than ${valuesMax} values` }]);
    }
    if (typeof part === 'object' && part !== null) Object.values(part).forEach(walk);
  };
  walk(value);
  return value;
}

function nodeAt(from: unknown, path: readonly (string | number)[]): unknown {
  const holder = from as { getIn?: (path: readonly unknown[], keepScalar: boolean) => unknown };
  return holder.getIn?.(path, true) ?? from;
}
