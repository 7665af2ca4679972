/** A report on its way into its file: whether it can be written is known before the work begins that it tells of. */
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { usageError } from '../../core/errors.js';
import { LiveLine } from '../../render/live-line.js';
import { note } from '../../render/output.js';
import { encodeReport } from '../../report/encode.js';
import { fillPage, type PagePart } from '../../report/page.js';
import type { Report } from '../../report/report.js';
import { readPage } from '../read-page.js';
import { cannotWrite } from '../written.js';

export class ReportFile {
  readonly #path: string;
  /** What its path leads to. */
  readonly #file: string;

  /** `null` where none is wanted. Throws a definite `bad-request` when there can be no such file. */
  static open(path: string | undefined): ReportFile | null {
    return path === undefined ? null : new ReportFile(path);
  }

  private constructor(path: string) {
    if (path === '-') throw usageError('--report needs a file: it is a page for a browser');
    this.#path = path;
    try {
      this.#file = existsSync(path) ? realpathSync(path) : path;
      const isThere = existsSync(this.#file);
      if (isThere && !lstatSync(this.#file).isFile()) {
        throw new Error('it is there, and no file');
      }
      // Nothing is lost of what is there, and nothing is left behind.
      const beside = this.#beside;
      closeSync(openSync(beside, 'wx'));
      rmSync(beside);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  get #beside(): string {
    return `${this.#file}.${process.pid}.tmp`;
  }

  /** Replaces what is there, all or nothing, and says so on standard error. */
  async write(report: Report): Promise<void> {
    const page = await reportPageOf(report);
    const beside = this.#beside;
    try {
      writeFileSync(beside, page);
      renameSync(beside, this.#file);
    } catch (error) {
      rmSync(beside, { force: true });
      throw cannotWrite(this.#path, error);
    }
    note(`report: ${this.#path} (${sizeOf(Buffer.byteLength(page))})`);
  }
}

const sizeOf = (bytes: number): string =>
  bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

export async function reportPageOf(report: Report): Promise<string> {
  let bytes = 0;
  const live = new LiveLine(() => `writing the report (${Math.round(bytes / 1e6)} MB)…`);
  const parts: PagePart[] = [];
  for (const part of encodeReport(report)) {
    const deflated = await promisify(deflate)(part.bytes);
    parts.push({ name: part.name, base64: deflated.toString('base64') });
    bytes += part.bytes.length;
    live.say();
  }
  live.end();
  return fillPage(readPage('report'), parts, `${report.about.command}: kvx report`);
}
