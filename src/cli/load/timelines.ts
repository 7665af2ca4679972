/** A bench second by second, for programs that draw: as CSV, and as a log of HdrHistogram's. */
import type { Interval } from '../../bench/results.js';
import { FileSink } from '../../history/files/file-sink.js';
import { encodedHistogram } from './hdr-encoding.js';

export interface Timelines {
  add(interval: Interval): void;
  close(): void;
}

/** Throws as {@link FileSink} does; what `add` could not write, `close` tells: the load goes on. */
export function openTimelines(files: { readonly csv?: string; readonly hdr?: string }): Timelines {
  const written = [
    ...(files.csv === undefined ? [] : [csvOf(files.csv)]),
    ...(files.hdr === undefined ? [] : [hdrLogOf(files.hdr)]),
  ];
  return {
    add: (interval) => {
      for (const each of written) each.add(interval);
    },
    close: () => {
      for (const each of written) each.close();
    },
  };
}

interface TextFile {
  write(text: string): void;
  close(): void;
}

function openFile(path: string, what: string, head: string): TextFile {
  const file = new FileSink(path, what);
  const append = (text: string): void => {
    file.write(Buffer.from(text));
    file.flush();
  };
  append(head);
  let failure: unknown = null;
  return {
    write: (text) => {
      if (failure !== null) return;
      try {
        append(text);
      } catch (error) {
        failure = error;
      }
    },
    close: () => {
      file.close();
      if (failure !== null) throw failure;
    },
  };
}

const percentiles = [50, 90, 99, 99.9, 100];

function csvOf(path: string): Timelines {
  const file = openFile(
    path,
    'the table',
    'from_s,for_s,fault,operation,done,absent,errors,per_s,p50_ms,p90_ms,p99_ms,p99.9_ms,max_ms\n',
  );
  return {
    add: ({ fromMs, toMs, isFault, tally }) => {
      const seconds = (toMs - fromMs) / 1000;
      for (const { operation, doneCount, absentCount, errorCount } of tally.operations()) {
        const latencies = tally.latencies(operation);
        const times = percentiles.map((each) =>
          latencies.count === 0 ? '' : latencies.at(each).toFixed(3),
        );
        const counts = [doneCount, absentCount, errorCount, Math.round(doneCount / seconds)];
        const when = [(fromMs / 1000).toFixed(3), seconds.toFixed(3), isFault ? 1 : 0];
        file.write(`${[...when, operation, ...counts, ...times].join(',')}\n`);
      }
    },
    close: file.close,
  };
}

/** As Gil Tene's HistogramLogProcessor reads it; a tag for each kind of operation. */
function hdrLogOf(path: string): Timelines {
  const startSeconds = Date.now() / 1000;
  const file = openFile(
    path,
    'the log',
    [
      '#[Logged by kvx bench; histograms are in microseconds, Interval_Max in milliseconds]',
      '#[Histogram log format version 1.3]',
      `#[StartTime: ${startSeconds.toFixed(3)} (seconds since epoch), ${new Date().toISOString()}]`,
      '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"\n',
    ].join('\n'),
  );
  return {
    add: ({ fromMs, toMs, tally }) => {
      for (const { operation, doneCount } of tally.operations()) {
        if (doneCount === 0) continue;
        const latencies = tally.latencies(operation);
        const times = [fromMs / 1000, (toMs - fromMs) / 1000, latencies.at(100)];
        const numbers = times.map((each) => each.toFixed(3)).join(',');
        file.write(`Tag=${operation},${numbers},${encodedHistogram(latencies)}\n`);
      }
    },
    close: file.close,
  };
}
