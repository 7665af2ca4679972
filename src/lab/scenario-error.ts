import type { ScenarioProblem } from './recording.js';

/** The scenario can't be run: nothing was. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly problems: readonly ScenarioProblem[];

  constructor(problems: readonly ScenarioProblem[]) {
    super(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
    this.problems = problems;
  }
}
