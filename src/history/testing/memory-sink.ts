import type { LineSink } from '../recorder/json-lines.js';

/** Keeps what is written. */
export class MemorySink implements LineSink {
  text = '';
  writeCount = 0;
  isClosed = false;

  write(lines: Uint8Array): void {
    this.text += Buffer.from(lines).toString();
    this.writeCount++;
  }

  close(): void {
    this.isClosed = true;
  }
}
