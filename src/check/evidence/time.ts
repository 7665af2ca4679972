const units = [
  { ns: 1, name: 'ns' },
  { ns: 1e3, name: 'µs' },
  { ns: 1e6, name: 'ms' },
  { ns: 1e9, name: 's' },
  { ns: 60e9, name: 'min' },
] as const;

/** `850 µs`, `1.2 s`: as precise as a person cares to know. */
export function nanoseconds(duration: number): string {
  let shown = '0 ns';
  for (const { ns, name } of units) {
    if (duration < ns * 0.9995) break;
    const amount = duration / ns;
    const digits = amount < 9.95 ? 1 : 0;
    shown = `${Number(amount.toFixed(digits))} ${name}`;
  }
  return shown;
}
