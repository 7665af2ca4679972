import { lanesOf } from '../../trace/lanes.js';
import { record } from '../record.js';
import type { Recording, RunKey } from '../recording.js';

export async function recorded(key: RunKey): Promise<Recording> {
  const how = { afterPromises: setImmediate, now: () => 0 };
  const { recording } = await record(key, how);
  return { ...recording, lanes: lanesOf(recording.lanes) };
}
