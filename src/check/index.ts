/** What `import … from 'kvx/check'` gives: no command, no cluster, no terminal needed. */
export { readHistory } from '../history/files/read-file.js';
export { type Format, formats } from '../history/formats.js';
export type { History } from '../history/history.js';
export { HistoryError } from '../history/problem.js';
export type { ReadOptions } from '../history/read.js';
export {
  type CheckOptions,
  check,
  checkModel,
  checkSync,
  type JudgeOptions,
  judgeModels,
  type Limited,
} from './check.js';
export { type Fall, fallsOf } from './falls.js';
export {
  type LegalOrder,
  type LegalOrderLimits,
  type LegalStep,
  longestLegalOrder,
  type UnplacedOperation,
} from './legal-order.js';
export { type ModelName, modelNames, models } from './models.js';
export type {
  CheckReport,
  Evidence,
  EvidenceFault,
  EvidenceOperation,
  ModelReport,
  Staleness,
  Verdict,
} from './report.js';
export type { SearchVerdict } from './search/depth-first.js';
export { type Call, hashNumber, hashString, type Model } from './search/model.js';
