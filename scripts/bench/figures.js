/** Medians of rounds, and tables of them. */

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** Two digits that count, or whole thousands: 0.45, 4.5, 45, 450, 4,500. @param {number} value */
export function short(value) {
  if (!Number.isFinite(value)) return '–';
  if (value >= 1000) return Number(value.toPrecision(3)).toLocaleString('en-US');
  return String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
}

/** Of how much more, or less. @param {number} value @param {number} of */
export const ratio = (value, of) => `${(value / of).toFixed(value / of < 10 ? 2 : 1)} ×`;

/** @param {string[]} head @param {string[][]} rows */
export function markdownTable(head, rows) {
  const widths = head.map((title, at) =>
    Math.max(3, title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width, at) => (at === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
