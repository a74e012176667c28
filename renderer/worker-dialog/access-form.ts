import type { AccessDraft } from '../../shared/remote.ts';

/** What opens a server, as a form. Everything that was typed stays until the dialog closes, whatever is chosen. Pure. */

export type AccessKind = AccessDraft['kind'];

export interface HeaderRow {
  /** Tells rows apart while they are edited. */
  readonly key: number;
  readonly name: string;
  readonly value: string;
}

export interface AccessForm {
  readonly kind: AccessKind;
  readonly token: string;
  readonly user: string;
  readonly password: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly headers: readonly HeaderRow[];
}

export const NO_ACCESS: AccessForm = {
  kind: 'none',
  token: '',
  user: '',
  password: '',
  clientId: '',
  clientSecret: '',
  headers: [{ key: 0, name: '', value: '' }],
};

export interface AccessReading {
  /** null while something is missing. */
  readonly draft: AccessDraft | null;
  /** Fields that are still empty, in the words of their labels. */
  readonly missing: readonly string[];
}

export function readAccess(form: AccessForm): AccessReading {
  switch (form.kind) {
    case 'none':
    case 'keep':
      return { draft: { kind: form.kind }, missing: [] };
    case 'bearer':
      return unless({ token: form.token }, { kind: 'bearer', token: bearerOf(form.token) });
    case 'basic':
      return unless({ user: form.user }, { kind: 'basic', user: form.user.trim(), password: form.password });
    case 'cloudflare': {
      const clientId = form.clientId.trim();
      const clientSecret = form.clientSecret.trim();
      return unless(
        { 'client ID': clientId, 'client secret': clientSecret },
        { kind: 'cloudflare', clientId, clientSecret },
      );
    }
    case 'headers': {
      const rows = form.headers.filter(({ name, value }) => name.trim() !== '' || value !== '');
      const headers = rows.map(({ name, value }) => ({ name: name.trim(), value: value.trim() }));
      const nameless = rows.length === 0 || headers.some(({ name }) => name === '');
      return unless({ 'header name': nameless ? '' : 'given' }, { kind: 'headers', headers });
    }
  }
}

/** People paste the whole header. */
function bearerOf(token: string): string {
  return token.trim().replace(/^(?:authorization:\s*)?bearer\s+/i, '');
}

function unless(fields: Readonly<Record<string, string>>, draft: AccessDraft): AccessReading {
  const missing = Object.keys(fields).filter((label) => fields[label]?.trim() === '');
  return missing.length === 0 ? { draft, missing } : { draft: null, missing };
}

export function withHeader(form: AccessForm, key: number, change: Partial<HeaderRow>): AccessForm {
  return { ...form, headers: form.headers.map((row) => (row.key === key ? { ...row, ...change } : row)) };
}

export function withMoreHeaders(form: AccessForm): AccessForm {
  const key = Math.max(...form.headers.map((row) => row.key), 0) + 1;
  return { ...form, headers: [...form.headers, { key, name: '', value: '' }] };
}

export function withoutHeader(form: AccessForm, key: number): AccessForm {
  return { ...form, headers: form.headers.filter((row) => row.key !== key) };
}
