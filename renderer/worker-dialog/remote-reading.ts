import { parseAddress } from '../../shared/address.ts';
import type { FieldProblem } from '../../shared/errors.ts';
import type { RemoteDraft } from '../../shared/remote.ts';
import { readAccess } from './access-form.ts';
import { pathOf, portOf, type RemoteForm } from './remote-form.ts';

/** From the form of a remote or cloud worker to what is checked, tested and saved. Pure. */

export interface RemoteReading {
  /** Whole, as far as the form can tell; null otherwise. */
  readonly draft: RemoteDraft | null;
  /** What the control center is asked about while the rest is still missing; null when it cannot even be asked. */
  readonly toCheck: RemoteDraft | null;
  readonly problems: readonly FieldProblem[];
  /** What is still empty, in the words of the labels: no mistake yet. */
  readonly missing: readonly string[];
}

export function readRemoteForm(form: RemoteForm): RemoteReading {
  const port = portOf(form.port);
  const path = pathOf(form.path);
  const access = readAccess(form.access);
  const problems = problemsOf(form);
  const name = form.name.trim();
  const host = form.host.trim();
  const missing = [
    ...(host === '' ? ['address'] : []),
    ...(name === '' && host !== '' ? ['name'] : []),
    ...access.missing,
  ];
  const { type, secure, certificate } = form;
  const toCheck: RemoteDraft | null =
    port === null || path === null || host === ''
      ? null
      : { type, name, host, port, secure, path, certificate, access: access.draft ?? { kind: 'none' } };
  const whole = problems.length === 0 && missing.length === 0;
  return { draft: whole ? toCheck : null, toCheck, problems, missing };
}

function problemsOf(form: RemoteForm): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const reading = parseAddress(form.address, form.type);
  if (!reading.ok && form.address.trim() !== '')
    problems.push({ field: 'address', message: reading.problem });
  if (portOf(form.port) === null) problems.push({ field: 'port', message: 'Enter a port from 1 to 65535.' });
  if (pathOf(form.path) === null) problems.push({ field: 'path', message: 'Enter a path such as /comfy.' });
  return problems;
}

const FIELDS = ['address', 'name', 'host', 'port', 'path'] as const;
export type RemoteField = (typeof FIELDS)[number] | 'access';

/** The form's own problems win over those of an older check. */
export function remoteProblem(
  field: RemoteField,
  ...lists: readonly (readonly FieldProblem[])[]
): string | null {
  for (const list of lists) {
    const found = list.find((problem) => fieldOf(problem) === field);
    if (found !== undefined) return found.message;
  }
  return null;
}

/** Problems that belong to no field of the form. */
export function otherRemoteProblems(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  return problems.filter((problem) => fieldOf(problem) === null);
}

function fieldOf(problem: FieldProblem): RemoteField | null {
  const [first = ''] = problem.field.replace(/^draft\./, '').split(/[.[]/);
  return first === 'access' ? 'access' : (FIELDS.find((field) => field === first) ?? null);
}
