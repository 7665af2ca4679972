import { SeededRandom } from '../../../core/random.js';
import { SimDisk } from '../../../sim/disk.js';
import { SlicedFile } from '../sliced-file.js';

/** A file that holds these bytes, read in slices of this size. */
export function fileOf(bytes: Uint8Array, sliceBytes: number): SlicedFile {
  const disk = new SimDisk({
    random: new SeededRandom(1),
    schedule: () => {},
    syncMs: { min: 1, max: 1 },
  });
  disk.create('file').append(bytes);
  return new SlicedFile(disk, 'file', sliceBytes);
}
