/** What `import … from 'kvx/check'` gives: no command, no cluster, no terminal needed. */
export { readHistory } from '../history/files/read-file.js';
export { type Format, formats } from '../history/formats.js';
export type { History } from '../history/history.js';
export { HistoryError } from '../history/problem.js';
export type { ReadOptions } from '../history/read.js';
export { type CheckOptions, check, type JudgeOptions, judgeModels } from './check.js';
export { type ModelName, modelNames, models } from './models.js';
export type {
  CheckReport,
  Evidence,
  EvidenceOperation,
  ModelReport,
  Staleness,
  Verdict,
} from './report.js';
