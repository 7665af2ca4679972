import { fileDiskHarness, simDiskHarness } from './disk-harness.js';
import { describeJournal } from './journal.js';

describeJournal('FileDisk', fileDiskHarness, { runs: 20, damageStride: 13 });
describeJournal('SimDisk', simDiskHarness, { runs: 500, damageStride: 1 });
