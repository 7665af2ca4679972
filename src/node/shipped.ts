/**
 * Files that come with kvx: pages and scenarios. In the single executable they are its assets, and their paths lie below its own, as if it
 * were the folder of the package.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { getRawAsset, isSea } from 'node:sea';

const image = `${process.execPath}/`;

/** The bytes of a file inside the executable; `null` if there is none of this path. */
export function insideImage(path: string): Buffer | null {
  if (!isSea() || !path.startsWith(image)) return null;
  try {
    return Buffer.from(getRawAsset(path.slice(image.length).replace(/\/$/, '')) as ArrayBuffer);
  } catch {
    return null;
  }
}

export const readShipped = (path: string): string =>
  (insideImage(path) ?? readFileSync(path)).toString();

/** What a folder has. For the executable, the build has listed it. */
export function shippedIn(folder: string): string[] {
  const listed = insideImage(folder);
  return listed === null ? readdirSync(folder) : JSON.parse(listed.toString());
}
