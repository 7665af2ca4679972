import { exitCodes } from '../../render/failure.js';
import { type CheckFlags, checkHistory } from '../check-history.js';
import type { Perform } from '../command.js';

const perform: Perform = async ({ words: [file = '-'], flags }) => {
  process.exitCode = exitCodes[await checkHistory(file, flags as unknown as CheckFlags)];
};

export default { perform };
