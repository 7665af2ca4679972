/** FNV-1a over UTF-16 units: quick, and good enough to tell states apart before they are compared. */
export function hashString(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}

export function hashNumber(number: number, seed: number): number {
  return Math.imul(seed ^ number ^ (number >>> 16), 0x01000193);
}
