/** `kvx doctor`: looks at all that kvx needs of this machine, changes nothing, and says what to do. */
import { exitCodes } from '../../render/failure.js';
import { printJson } from '../../render/output.js';
import { type Cell, type Page, remark, table } from '../../render/page.js';
import { printPage } from '../../render/print-page.js';
import type { Perform } from '../command.js';
import { clusterLooks } from '../doctor/clusters.js';
import { type DoctorFinding, findingsOf, type Urgency } from '../doctor/finding.js';
import { folderLooks } from '../doctor/folders.js';
import { installLooks } from '../doctor/install.js';
import { leftoverLooks } from '../doctor/leftovers.js';
import { machineLooks } from '../doctor/machine.js';

const perform: Perform = async ({ flags, config }) => {
  const { env } = process;
  const findings = await findingsOf([
    ...machineLooks,
    ...folderLooks(env),
    ...clusterLooks(env),
    ...leftoverLooks(env),
    ...installLooks(config.root, env),
  ]);
  const counts = {
    warnings: findings.filter(({ verdict }) => verdict === 'warning').length,
    problems: findings.filter(({ verdict }) => verdict === 'problem').length,
  };
  if (flags['json'] === true) printJson({ ...counts, findings });
  else await printPage(pageOf(findings, counts));
  if (counts.problems > 0) process.exitCode = exitCodes.no;
};

export default { perform };

const paints = { ok: 'green', warning: 'yellow', problem: 'red' } as const;

const painted = (verdict: Urgency): Cell => ({ text: verdict, paint: paints[verdict] });

function pageOf(
  findings: readonly DoctorFinding[],
  { warnings, problems }: { readonly warnings: number; readonly problems: number },
): Page {
  const rows = findings.flatMap(({ check, verdict, finding, todo }) => [
    [painted(verdict), check, finding],
    ...(todo === null ? [] : [['', '', `→ ${todo}`]]),
  ]);
  const sum = `${problems} problems, ${warnings} warnings`.replace(/\b1 (\w+)s\b/g, '1 $1');
  const isWell = warnings + problems === 0;
  return [
    table(['', 'LOOKED AT', 'FOUND'], rows, 'wrapped'),
    remark(isWell ? 'Nothing stands in the way of kvx here.' : `${sum}: see behind the arrows.`),
  ];
}
