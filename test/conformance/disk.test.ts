import { systemClock } from '../../src/node/clock.js';
import { FaultyDisk } from '../../src/runtime/journal/faulty-disk.js';
import { describeDisk } from './disk.js';
import { type DiskHarness, fileDiskHarness, simDiskHarness } from './disk-harness.js';

describeDisk('FileDisk', fileDiskHarness);
describeDisk('SimDisk', simDiskHarness);

/** Syncs begin late, and so much room is left that nothing notices it. */
function slowDiskHarness(): DiskHarness {
  const inner = fileDiskHarness();
  const wrap = () => {
    const disk = new FaultyDisk(inner.disk, systemClock);
    disk.setFaults({ syncDelayMs: 1, roomBytes: 1e9 });
    return disk;
  };
  let disk = wrap();
  return {
    get disk() {
      return disk;
    },
    crashes: inner.crashes,
    crash(kind) {
      inner.crash(kind);
      disk = wrap();
    },
    pass: inner.pass,
    dispose: inner.dispose,
  };
}

describeDisk('FileDisk that is slow', slowDiskHarness);
