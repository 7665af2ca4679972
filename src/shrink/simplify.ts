/** A scenario with less in it: candidates, each a step smaller than the text. */

/** Of a scenario's lines those that say less, the boldest first. What is no scenario any more is for the parser to refuse. */
export function* simpler(lines: readonly string[]): Generator<readonly string[]> {
  yield* withoutBlocks(lines);
  yield* withOneCut(lines);
  yield* withoutLines(lines);
  yield* withoutTransactions(lines);
  yield* withoutFlags(lines);
  yield* withLess(lines);
}

const without = (lines: readonly string[], from: number, to: number): string[] => [
  ...lines.slice(0, from),
  ...lines.slice(to),
];

/** What stood in `at once` one after the other, and the parts of single clients left out. */
function* withoutBlocks(lines: readonly string[]): Generator<readonly string[]> {
  for (const [begin, line] of lines.entries()) {
    if (line !== 'at once') continue;
    const end = lines.indexOf('end', begin);
    const parts = partsOf(lines.slice(begin + 1, end));
    const turned = (some: readonly (readonly string[])[]): string[] =>
      some.flatMap((part) => part.slice(1).map((each) => each.slice(4)));
    yield [...lines.slice(0, begin), ...turned(parts), ...lines.slice(end + 1)];
    yield [...lines.slice(0, begin), ...turned([...parts].reverse()), ...lines.slice(end + 1)];
    for (const part of parts) {
      const left = parts.filter((each) => each !== part);
      yield [...lines.slice(0, begin + 1), ...left.flat(), ...lines.slice(end)];
    }
  }
}

/** What no one reaches, is isolated. */
function* withOneCut(lines: readonly string[]): Generator<readonly string[]> {
  const cut = /^(\s*(?:try )?fault) cut n\d+>(n\d+)$/;
  for (const [at, line] of lines.entries()) {
    const [, begin, to] = cut.exec(line) ?? [];
    if (to === undefined || cut.exec(lines[at - 1] ?? '')?.[2] === to) continue;
    const rest = lines.slice(at);
    const end = at + rest.findIndex((each) => cut.exec(each)?.[2] !== to);
    if (end > at + 1) yield [...lines.slice(0, at), `${begin} isolate ${to}`, ...lines.slice(end)];
  }
}

/** Each begins with its `client` line. */
function partsOf(body: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (const line of body) {
    if (line.startsWith('  client ')) parts.push([]);
    parts[parts.length - 1]?.push(line);
  }
  return parts;
}

/** The last line is what is expected. */
function* withoutLines(lines: readonly string[]): Generator<readonly string[]> {
  for (let at = lines.length - 2; at > 0; at--) {
    const indent = /^\s*/.exec(lines[at] as string)?.[0] ?? '';
    const isTransaction = /^\s*(?:try )?txn/.test(lines[at] as string);
    const end = isTransaction ? lines.indexOf(`${indent}end`, at) : at;
    yield without(lines, at, end + 1);
  }
  // What is done and undone.
  for (let at = lines.length - 3; at > 0; at--) yield without(lines, at, at + 2);
}

/** Of a transaction one step alone, as an operation. */
function* withoutTransactions(lines: readonly string[]): Generator<readonly string[]> {
  for (const [at, line] of lines.entries()) {
    const [, begin, flags] = /^(\s*(?:try )?)txn(.*)/.exec(line) ?? [];
    if (begin === undefined) continue;
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const end = lines.indexOf(`${indent}end`, at);
    for (const step of lines.slice(at + 1, end)) {
      yield [...lines.slice(0, at), `${begin}${step.trim()}${flags}`, ...lines.slice(end + 1)];
    }
  }
}

function* withoutFlags(lines: readonly string[]): Generator<readonly string[]> {
  for (const [at, line] of lines.entries()) {
    for (const flag of line.matchAll(/ (?:--?[a-z]+)(?: (?:"[^"]*"|[^\s-]\S*))?/g)) {
      const rest = line.slice(0, flag.index) + line.slice(flag.index + flag[0].length);
      yield lines.with(at, rest);
    }
    // Not of operations: where the mistake is mended they may fail, and what follows is to be seen there, too.
    const sure = line.replace(/^(\s*)try (?=fault|node)/, '$1');
    if (sure !== line) yield lines.with(at, sure);
  }
}

const roundMs = [1000, 100, 10];

/** Fewer nodes, fewer types of messages, rounder and shorter times, one pause for two. */
function* withLess(lines: readonly string[]): Generator<readonly string[]> {
  for (const [at, line] of lines.entries()) {
    const [pause, next] = [line, lines[at + 1] ?? ''].map((each) =>
      /^(\s*wait )([\d.]+)ms$/.exec(each),
    );
    if (pause != null && next != null) {
      yield [
        ...lines.slice(0, at),
        `${pause[1]}${Number(pause[2]) + Number(next[2])}ms`,
        ...lines.slice(at + 2),
      ];
    }
    const nodes = /^(cluster up .*-n )(\d+)/.exec(line);
    if (nodes !== null) {
      for (let count = 2; count < Number(nodes[2]); count++) {
        yield lines.with(at, line.replace(nodes[0], `${nodes[1]}${count}`));
      }
    }
    const [types = ''] = /(?<= --type )\S+,\S+/.exec(line) ?? [];
    for (const type of types.split(',')) {
      const fewer = types.split(',').filter((each) => each !== type);
      if (fewer.length > 0) yield lines.with(at, line.replace(types, fewer.join()));
    }
    const time = /^(\s*wait )([\d.]+)ms$/.exec(line);
    for (const ms of time === null ? [] : roundMs) {
      if (ms < Number(time?.[2])) yield lines.with(at, `${time?.[1]}${ms}ms`);
    }
  }
}
