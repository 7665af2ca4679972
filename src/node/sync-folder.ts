import { closeSync, fsyncSync, openSync } from 'node:fs';

/** A new name in a folder is durable once the folder is synced. */
export function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
