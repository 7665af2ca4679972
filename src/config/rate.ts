/** `0.3` or `30%` as a number; `null` for anything else. Whether it is in bounds is for others to say. */
export function parseRate(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text.trim());
  if (match === null) return null;
  const number = Number(match[1]);
  // Not `number * 0.01`, which makes 0.07 of 7% only nearly.
  return match[2] === '%' ? number / 100 : number;
}
