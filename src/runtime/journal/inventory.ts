import type { JournalOwner } from '../ports.js';
import type { Disk } from './disk.js';
import { damaged, foreign, otherFormat } from './journal-errors.js';
import {
  type FileHeader,
  type FileName,
  fileName,
  formatVersion,
  parseFileName,
} from './record-format.js';
import { SlicedFile } from './sliced-file.js';

/** A journal's files by what their names say. */
export interface Inventory {
  /** Not whole yet: no name of their own. */
  readonly temporary: readonly string[];
  /** Sequences of the first files of snapshots, ascending. */
  readonly snapshots: readonly number[];
  readonly parts: readonly FileName[];
  /** Sequences of segments, ascending. */
  readonly logs: readonly number[];
}

export function takeInventory(names: readonly string[]): Inventory {
  const temporary: string[] = [];
  const snapshots: number[] = [];
  const parts: FileName[] = [];
  const logs: number[] = [];
  for (const name of names) {
    const file = parseFileName(name);
    if (file === null) continue;
    if (file.temporary) temporary.push(name);
    else if (file.kind === 'log') logs.push(file.sequence);
    else if (file.part === 0) snapshots.push(file.sequence);
    else parts.push(file);
  }
  snapshots.sort((a, b) => a - b);
  logs.sort((a, b) => a - b);
  return { temporary, snapshots, parts, logs };
}

/** A file of the journal with its header, which says that it is the one its name says and this node's. */
export interface OpenedFile {
  readonly file: SlicedFile;
  readonly header: FileHeader;
  readonly checksum: number;
  /** Where the first frame begins. */
  readonly headerBytes: number;
}

export interface JournalReading {
  readonly disk: Disk;
  readonly owner: JournalOwner;
  readonly sliceBytes: number;
}

/**
 * A file gets its name only when its header is durable, so no crash explains one without. Throws a `JournalError`
 * (`damaged`, `foreign`, `format`).
 */
export function openFile({ disk, owner, sliceBytes }: JournalReading, name: FileName): OpenedFile {
  const file = new SlicedFile(disk, fileName(name), sliceBytes);
  const read = file.header();
  const fail = (expected: string) => damaged(disk, { file: file.name, offset: 0, expected });
  if (read.type === 'none') {
    const what = name.kind === 'log' ? 'segment' : 'snapshot';
    throw fail(`the header of a ${what}, which is durable before the file has this name`);
  }
  if (read.type === 'other version') {
    throw otherFormat(disk, file.name, read.version, formatVersion);
  }
  const { header, checksum, bytes: headerBytes } = read;
  if (header.owner.cluster !== owner.cluster || header.owner.node !== owner.node) {
    throw foreign(disk, file.name, header.owner, owner);
  }
  if (fileName(header) !== file.name) {
    throw fail(`the header of this file, found that of ${fileName(header)}`);
  }
  return { file, header, checksum, headerBytes };
}
