import type { LineSink } from '../recorder.js';

/** Keeps what is written. */
export class MemorySink implements LineSink {
  text = '';
  writeCount = 0;
  isClosed = false;

  write(lines: string): void {
    this.text += lines;
    this.writeCount++;
  }

  close(): void {
    this.isClosed = true;
  }
}
