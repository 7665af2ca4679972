/** A scenario as a program, or all that is wrong with it. */
import { ConfigError } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { parseScript } from '../scenario/parser.js';
import type { Program } from '../scenario/program.js';
import { ScenarioError } from './scenario-error.js';

/** Names the script in messages. */
export const scenarioSource = 'scenario';

/** Throws {@link ScenarioError}. */
export function programOfScenario(scenario: string): Program {
  try {
    return parseScript(scenario, {
      source: scenarioSource,
      spec: resolveSpec([]),
      attached: false,
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ScenarioError(
      error.problems.map(({ line = 1, column = 1, message }) => ({ line, column, message })),
    );
  }
}
