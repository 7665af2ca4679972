/** Ways to lose a node's data, or to put other data in its place, while its cluster is down. */
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { formatVersion, headerPrefixBytes } from '../../src/runtime/journal/record-format.js';

export interface Scene {
  /** `data/` of the cluster. */
  readonly data: string;
  readonly victim: string;
  /** Another node whose data are like the victim's. */
  readonly other: string;
  /** The victim's folder as it was before the newest acknowledged writes. */
  readonly older: string;
  /** The folder of a node of the same name in another cluster of the same name and mode. */
  readonly foreign: string;
}

export interface Way {
  readonly name: string;
  /** How the cluster had stopped. */
  readonly after: 'down' | 'kill -9';
  readonly apply: (scene: Scene) => void;
  /** Data are only in the wrong place: putting them where they belong is the way out. */
  readonly undo?: (scene: Scene) => void;
}

const folderOf = ({ data, victim }: Scene): string => join(data, victim);

const filesOf = (folder: string, ending: RegExp): string[] =>
  readdirSync(folder)
    .filter((name) => ending.test(name))
    .sort()
    .map((name) => join(folder, name));

const segmentsOf = (folder: string): string[] => filesOf(folder, /\.wal$/);

function pick(files: readonly string[], at: number): string {
  const file = files.at(at);
  if (file === undefined) throw new Error('the cluster has not written enough');
  return file;
}

/** Where each frame of a segment begins, and where the last ends. Behind it there may be zeros. */
function framesOf(file: string): number[] {
  const bytes = readFileSync(file);
  if (bytes.readUInt16LE(6) !== formatVersion) throw new Error('another format');
  const offsets = [headerPrefixBytes + bytes.readUInt32LE(8)];
  for (let at = offsets[0] as number; at + frameHeaderLength <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (length === 0) break;
    at += frameHeaderLength + length;
    offsets.push(at);
  }
  return offsets;
}

const frameHeaderLength = 24;

const longSegmentsOf = (folder: string): string[] =>
  segmentsOf(folder).filter((file) => framesOf(file).length > 4);

/** A segment has so many frames that some can be cut off which were surely durable. */
export const hasFramesToCut = (folder: string): boolean => longSegmentsOf(folder).length > 0;

/** The newest segment of several frames, the last of which may not have been durable when the node was killed. */
function lastWritten(folder: string): string {
  const file = pick(longSegmentsOf(folder), -1);
  for (const later of segmentsOf(folder)) if (later > file) rmSync(later);
  return file;
}

function replaceFolder(folder: string, by: string): void {
  rmSync(folder, { recursive: true });
  cpSync(by, folder, { recursive: true });
}

function swap({ data, victim, other }: Scene): void {
  const aside = join(data, '.swap');
  renameSync(join(data, victim), aside);
  renameSync(join(data, other), join(data, victim));
  renameSync(aside, join(data, other));
}

export const ways: readonly Way[] = [
  {
    name: 'folder removed',
    after: 'down',
    apply: (scene) => rmSync(folderOf(scene), { recursive: true }),
  },
  {
    name: 'folder emptied',
    after: 'down',
    apply: (scene) => {
      rmSync(folderOf(scene), { recursive: true });
      mkdirSync(folderOf(scene));
    },
  },
  {
    name: 'newest segment removed',
    after: 'kill -9',
    apply: (scene) => rmSync(pick(segmentsOf(folderOf(scene)), -1)),
  },
  {
    name: 'oldest segment removed',
    after: 'down',
    apply: (scene) => rmSync(pick(segmentsOf(folderOf(scene)), 0)),
  },
  {
    name: 'snapshot removed',
    after: 'down',
    apply: (scene) => rmSync(pick(filesOf(folderOf(scene), /\.snapshot$/), -1)),
  },
  {
    name: 'all files set to zeros',
    after: 'down',
    apply: (scene) => {
      for (const file of filesOf(folderOf(scene), /\.(wal|snapshot)/)) {
        writeFileSync(file, Buffer.alloc(statSync(file).size));
      }
    },
  },
  {
    name: 'log cut between two frames',
    after: 'kill -9',
    apply: (scene) => {
      const file = lastWritten(folderOf(scene));
      truncateSync(file, framesOf(file).at(-4));
    },
  },
  {
    name: 'log cut within a frame',
    after: 'kill -9',
    apply: (scene) => {
      const file = lastWritten(folderOf(scene));
      truncateSync(file, (framesOf(file).at(-4) as number) + 9);
    },
  },
  {
    name: 'older copy put back',
    after: 'down',
    apply: (scene) => replaceFolder(folderOf(scene), scene.older),
  },
  {
    name: 'older copy put back after a crash',
    after: 'kill -9',
    apply: (scene) => replaceFolder(folderOf(scene), scene.older),
  },
  { name: "swapped with another node's", after: 'down', apply: swap, undo: swap },
  {
    name: 'taken from another cluster',
    after: 'down',
    apply: (scene) => replaceFolder(folderOf(scene), scene.foreign),
  },
  {
    name: "a segment replaced by another node's",
    after: 'down',
    apply: (scene) => {
      const file = pick(segmentsOf(folderOf(scene)), -1);
      cpSync(pick(segmentsOf(join(scene.data, scene.other)), -1), file);
    },
  },
];
