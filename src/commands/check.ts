import { type CheckFlags, checkHistory } from '../cli/check-history.js';
import { commandClass } from '../cli/operation-command.js';
import { checkProgram } from '../operations/programs.js';
import { exitCodes } from '../render/failure.js';

export default commandClass(checkProgram, async ({ words: [file = '-'], flags }) => {
  process.exitCode = exitCodes[await checkHistory(file, flags as unknown as CheckFlags)];
});
