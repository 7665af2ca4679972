import { describeDisk } from './disk.js';
import { fileDiskHarness, simDiskHarness } from './disk-harness.js';

describeDisk('FileDisk', fileDiskHarness);
describeDisk('SimDisk', simDiskHarness);
