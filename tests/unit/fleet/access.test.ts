import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessHint, accessProblems, headersOf } from '../../../electron/core/fleet/access.ts';
import type { AccessDraft } from '../../../shared/remote.ts';

const headers = (...pairs: readonly (readonly [string, string])[]): AccessDraft => ({
  kind: 'headers',
  headers: pairs.map(([name, value]) => ({ name, value })),
});
const problem = (access: AccessDraft): string => accessProblems(access)[0]?.message ?? '';

describe('what opens a server', () => {
  it('becomes the headers that are sent', () => {
    expect(headersOf({ kind: 'none' }, { a: 'b' })).toEqual({});
    expect(headersOf({ kind: 'keep' }, { a: 'b' })).toEqual({ a: 'b' });
    expect(headersOf({ kind: 'bearer', token: ' tok \n' }, {})).toEqual({ authorization: 'Bearer tok' });
    expect(headersOf({ kind: 'basic', user: 'ada', password: 'ä:b' }, {})).toEqual({
      authorization: `Basic ${Buffer.from('ada:ä:b').toString('base64')}`,
    });
    expect(headersOf({ kind: 'cloudflare', clientId: 'x.access', clientSecret: 's' }, {})).toEqual({
      'cf-access-client-id': 'x.access',
      'cf-access-client-secret': 's',
    });
    expect(headersOf(headers(['X-Key', 'v']), {})).toEqual({ 'x-key': 'v' });
  });

  it('is refused where it cannot be sent', () => {
    expect(problem(headers(['Host', 'x']))).toContain('belongs to the connection');
    expect(problem(headers(['a b', 'x']))).toContain('not the name of a header');
    expect(problem(headers(['X', '1'], ['x', '2']))).toContain('twice');
    expect(problem({ kind: 'bearer', token: 'a\r\nb' })).toContain('no header can carry');
    expect(problem({ kind: 'bearer', token: 'žluť' })).toContain('no header can carry');
    expect(problem({ kind: 'basic', user: 'a:b', password: '' })).toContain('colon');
    expect(problem({ kind: 'basic', user: 'ž', password: 'ť' })).toBe('');
  });

  it('is shown so that nobody can read it', () => {
    expect(accessHint({})).toBeNull();
    expect(accessHint({ authorization: 'Bearer abcdefgh1234' })).toBe('Bearer ••••1234');
    expect(accessHint(headersOf({ kind: 'basic', user: 'ada', password: 'secret' }, {}))).toBe(
      'Basic ada:••••',
    );
    const secret = fc.string({ minLength: 9, maxLength: 40 }).filter((text) => text.trim().length > 8);
    fc.assert(
      fc.property(
        fc.constantFrom('authorization', 'x-api-key', 'cf-access-client-secret'),
        secret,
        (name, text) => {
          const hint = accessHint({ [name]: text }) ?? '';
          expect(hint).not.toContain(text.slice(0, -4));
        },
      ),
    );
  });
});
