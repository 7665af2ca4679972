import { JsonLines } from '../recorder/json-lines.js';
import { Recorder } from '../recorder/recorder.js';
import { FileSink } from './file-sink.js';

/** A recorder on this machine's clock, whose file takes the place of what was there. Throws as {@link FileSink} does. */
export function openRecorder(path: string): Recorder {
  return new Recorder({ sink: new JsonLines(new FileSink(path)), now: () => performance.now() });
}
