import { encodeUtf8 } from '../core/utf8.js';
import { packHistory } from './history-parts.js';
import { packLanes } from './lanes-parts.js';
import { headPart, partNames, type ReportPart, reportVersion } from './parts.js';
import type { Report } from './report.js';

/** A report as its parts, the small one first; the others one by one, because they may be large. */
export function* encodeReport(report: Report): Generator<ReportPart> {
  const { history, runs, lanes, slice, ...small } = report;
  const histories = [history, ...runs.map((run) => run.history)];
  const packed = histories.map((each) => (each === null ? null : packHistory(each)));
  const lanesPacked = lanes === null ? null : packLanes(lanes);
  const head = {
    ...{ version: reportVersion, ...small },
    slice: slice === null ? null : [...slice],
    runs: runs.map(({ title, check }) => ({ title, check })),
    histories: packed.map((each) => each?.head ?? null),
    lanes: lanesPacked?.head ?? null,
  };
  yield { name: headPart, bytes: encodeJson(head) };
  for (const [nth, each] of packed.entries()) {
    if (each === null) continue;
    yield { name: partNames.columns(nth), bytes: each.bytes };
    yield { name: partNames.texts(nth), bytes: encodeJson(each.texts) };
  }
  if (lanes === null || lanesPacked === null) return;
  yield { name: partNames.lanes, bytes: lanesPacked.bytes };
  yield { name: partNames.labels, bytes: encodeJson(lanesPacked.labels) };
  for (const [nth, bytes] of lanes.texts.entries()) yield { name: partNames.piece(nth), bytes };
}

const encodeJson = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify(value));
