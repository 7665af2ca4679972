import type { Millis, NodeId } from '../core/ids.js';
import { nodesMax } from '../core/limits.js';
import { show } from '../core/show.js';
import type { LinkRules } from '../faults/link-rules.js';
import { parseDuration } from './duration.js';
import type { Problem } from './problem.js';
import type { Setting } from './setting.js';

/** An hour: a longer delay is a slip of the pen. */
const delayMsMax = 3_600_000;

type Report = (problem: Problem) => void;

/** Mean one-way delays by link; later settings override earlier ones, link by link. */
export class DelayTable {
  readonly #nodes: readonly NodeId[];
  readonly #report: Report;
  readonly #meanMs = new Map<string, Millis>();

  constructor(nodes: readonly NodeId[], report: Report) {
    this.#nodes = nodes;
    this.#report = report;
  }

  get delays(): LinkRules['delays'] {
    return this.#nodes.flatMap((from) =>
      this.#nodes.flatMap((to) => {
        const meanMs = this.#meanMs.get(`${from}>${to}`) ?? 0;
        return meanMs > 0 ? [{ from, to, meanMs }] : [];
      }),
    );
  }

  /** `20ms` for every link, `n1>n3=20ms` for one way, `n1-n3=20ms` for both; or a list of these. */
  addTerms(setting: Setting): void {
    const terms = Array.isArray(setting.value) ? setting.value : [setting.value];
    if (terms.length > nodesMax ** 2) {
      const message = `there are ${terms.length} delays, more than links; a later one overrides an earlier`;
      this.#report({ ...setting.placeOf(), message });
      return;
    }
    for (const [at, term] of terms.entries()) {
      const path = Array.isArray(setting.value) ? [at] : [];
      const [first = '', second] = typeof term === 'string' ? term.split('=') : [term];
      const [link, amount] = second === undefined ? [null, first] : [first, second];
      this.#set(setting, path, link, amount);
    }
  }

  /** A matrix (row: from, column: to), or a map from links to delays. */
  addTable(setting: Setting): void {
    const { value } = setting;
    if (Array.isArray(value)) this.#addMatrix(setting, value);
    else if (typeof value === 'object' && value !== null) {
      for (const [link, amount] of Object.entries(value)) this.#set(setting, [link], link, amount);
    } else {
      const message = 'expected a matrix, or a map such as {n1>n3: 20ms}';
      this.#report({ ...setting.placeOf(), message });
    }
  }

  #addMatrix(setting: Setting, rows: readonly unknown[]): void {
    const nodes = this.#nodes;
    const size = `${nodes.length} × ${nodes.length}`;
    if (rows.length !== nodes.length) {
      const message = `the delays have ${rows.length} rows, but the matrix must be ${size}`;
      this.#report({ ...setting.placeOf(), message });
      return;
    }
    for (const [row, cells] of rows.entries()) {
      if (!Array.isArray(cells) || cells.length !== nodes.length) {
        const length = Array.isArray(cells) ? `${cells.length} columns` : 'no columns';
        const message = `row ${row + 1} of the delays has ${length}, but the matrix must be ${size}`;
        this.#report({ ...setting.placeOf([row]), message });
        continue;
      }
      for (const [column, amount] of cells.entries()) {
        const path = [row, column];
        if (row !== column) this.#set(setting, path, `${nodes[row]}>${nodes[column]}`, amount);
        else if (this.#millis(setting, path, amount) !== 0) {
          const message = `a node has no delay to itself: expected 0, not ${show(amount)}`;
          this.#report({ ...setting.placeOf(path), message });
        }
      }
    }
  }

  #set(
    setting: Setting,
    path: readonly (string | number)[],
    link: string | null,
    amount: unknown,
  ): void {
    const meanMs = this.#millis(setting, path, amount);
    const links = link === null ? this.#allLinks() : this.#linksOf(setting, path, link);
    if (meanMs === null) return;
    for (const one of links) this.#meanMs.set(one, meanMs);
  }

  #millis(setting: Setting, path: readonly (string | number)[], amount: unknown): Millis | null {
    const ms =
      typeof amount === 'number'
        ? amount
        : typeof amount === 'string'
          ? parseDuration(amount)
          : null;
    if (ms !== null && ms >= 0 && ms <= delayMsMax) return ms;
    const message = `expected a delay such as 20ms, at most 1h, not ${show(amount)}`;
    this.#report({ ...setting.placeOf(path), message });
    return null;
  }

  #allLinks(): string[] {
    return this.#nodes.flatMap((from) =>
      this.#nodes.filter((to) => to !== from).map((to) => `${from}>${to}`),
    );
  }

  #linksOf(setting: Setting, path: readonly (string | number)[], link: string): string[] {
    const separator = link.includes('>') ? '>' : '-';
    const [from = '', to = '', ...more] = link.split(separator).map((node) => node.trim());
    const unknown = [from, to].find((node) => !this.#nodes.includes(node));
    if (unknown === undefined && from !== to && more.length === 0) {
      return separator === '>' ? [`${from}>${to}`] : [`${from}>${to}`, `${to}>${from}`];
    }
    const message = `${show(link)} is not a link of this cluster; say n1>n2 for one way, n1-n2 for both`;
    this.#report({ ...setting.placeOf(path), message });
    return [];
  }
}
