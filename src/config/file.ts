import { readFileSync } from 'node:fs';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { ConfigError, type Place, type Problem, readProblem } from './problem.js';
import type { Setting } from './setting.js';

/** A configuration is small; whatever is larger was given by mistake. */
const fileBytesMax = 1024 * 1024;

/**
 * The settings in a YAML or JSON file. Throws {@link ConfigError} when it can't be read or parsed; what the settings
 * mean, and whether they exist, is looked at later.
 */
export function readConfigFile(path: string): Setting[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([{ source: path, message: readProblem(error) }]);
  }
  if (text.length > fileBytesMax) {
    throw new ConfigError([{ source: path, message: 'the file is larger than 1 MiB' }]);
  }
  return parseConfig(text, path);
}

/** As {@link readConfigFile}, for text that is already here. JSON is YAML, so one parser reads both. */
export function parseConfig(text: string, source: string): Setting[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { source, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: Problem[] = document.errors.map((error) => ({
    ...placeAt(error.pos[0]),
    message: error.message,
  }));
  if (problems.length > 0) throw new ConfigError(problems);
  return settingsOf(document, placeAt);
}

function settingsOf(document: Document, placeAt: (offset: number) => Place): Setting[] {
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
    return {
      name: String(isScalar(key) ? key.value : key),
      value: isNode(value) ? value.toJS(document) : value,
      namePlace: placeAt(nameAt),
      placeOf: (path = []) => {
        const found = path.length === 0 ? value : nodeAt(value, path);
        return placeAt(startOf(found, startOf(value, nameAt)));
      },
    };
  });
}

function nodeAt(from: unknown, path: readonly (string | number)[]): unknown {
  const holder = from as { getIn?: (path: readonly unknown[], keepScalar: boolean) => unknown };
  return holder.getIn?.(path, true) ?? from;
}
