/** What `kvx doctor` finds: one thing it looked at, what that is like, and what to do about it. */
export type Urgency = 'ok' | 'warning' | 'problem';

export interface DoctorFinding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  readonly verdict: Urgency;
  readonly finding: string;
  /** In words with commands to type; `null`: nothing is to be done. */
  readonly todo: string | null;
}

export const fine = (check: string, finding: string): DoctorFinding => ({
  ...{ check, verdict: 'ok', finding, todo: null },
});
export const warning = (check: string, finding: string, todo: string): DoctorFinding => ({
  ...{ check, verdict: 'warning', finding, todo },
});
export const problem = (check: string, finding: string, todo: string): DoctorFinding => ({
  ...{ check, verdict: 'problem', finding, todo },
});

/** One look, which may find several things. */
export interface DoctorLook {
  readonly check: string;
  look(): readonly DoctorFinding[] | Promise<readonly DoctorFinding[]>;
}

/** Each in turn: one that fails says so, and the others go on. */
export async function findingsOf(looks: readonly DoctorLook[]): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const { check, look } of looks) {
    try {
      findings.push(...(await look()));
    } catch (error) {
      const { message, hint } = error as { readonly message: string; readonly hint?: string };
      const todo = hint ?? 'Mend what is said before this, and look again: `kvx doctor`.';
      findings.push(problem(check, message, todo));
    }
  }
  return findings;
}
