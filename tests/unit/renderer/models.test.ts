import { describe, expect, it } from 'vitest';
import {
  presenceWords,
  reportTone,
  rowsOf,
  shortUrl,
  sizeWords,
  verdictWords,
} from '../../../renderer/models/model-words.ts';
import { type ModelReport, type NamedModel, summaryOf } from '../../../shared/models.ts';

const there = (bytes: number | null) => ({ status: 'there', bytes }) as const;
const missing = { status: 'missing' } as const;
const unknown = { status: 'unknown' } as const;

function model(id: string, on: NamedModel['on'], change: Partial<NamedModel> = {}): NamedModel {
  const facts = { name: `${id}.pt`, folder: 'loras', nodes: [], url: null, urlProblem: null };
  return { id, ...facts, sizesDiffer: false, on, ...change };
}

function report(models: readonly NamedModel[], canRun: readonly (boolean | null)[]): ModelReport {
  const instances = canRun.map((able, at) => ({
    ...{ id: String(at), name: String(at), canRun: able, why: null, missingNodes: [] },
    role: at === 0 ? ('master' as const) : ('worker' as const),
    missingModels: models.filter(({ on }) => on[at]?.status === 'missing').length,
  }));
  return { models, instances, warnings: [] };
}

describe('a report', () => {
  it.each([
    [report([], [true]), 'The workflow names no model', 'ok'],
    [report([model('a', [there(1), there(1)])], [true, true]), '1 model, none missing', 'ok'],
    [
      report([model('a', [there(1), there(2)], { sizesDiffer: true })], [true, true]),
      '1 model, none missing',
      'warning',
    ],
    [
      report([model('a', [there(1), unknown])], [true, null]),
      '1 model, none missing; 1 instance cannot be asked',
      'neutral',
    ],
    [
      report([model('a', [there(1), missing]), model('b', [there(1), missing])], [true, false]),
      '2 models missing on 1 worker',
      'error',
    ],
    [report([model('a', [missing, missing])], [false, false]), '1 model missing on 2 instances', 'error'],
  ])('is told in one line', (given, words, tone) => {
    expect([summaryOf(given), reportTone(given)]).toEqual([words, tone]);
  });

  it('has what is missing first', () => {
    const given = report([model('a', [there(1)]), model('b', [missing]), model('c', [unknown])], [true]);
    expect(rowsOf(given, false).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
    expect(rowsOf(given, true).map(({ id }) => id)).toEqual(['b']);
  });
});

it('shows sizes where they matter', () => {
  const [small, large] = [there(100 * 2 ** 20), there(200 * 2 ** 20)];
  expect(sizeWords(model('a', [small, large, unknown]))).toBe('100 MB to 200 MB');
  expect(sizeWords(model('a', [there(null), missing]))).toBe('–');
  expect(presenceWords(large, true)).toEqual({ word: '200 MB', tone: 'warning' });
  expect(presenceWords(large, false)).toEqual({ word: 'There', tone: 'ok' });
  expect(presenceWords(undefined, true)).toEqual({ word: 'Not known', tone: 'neutral' });
});

it('gives a reason for what cannot run', () => {
  const [instance] = report([], [false]).instances;
  if (instance === undefined) throw new Error('The report has an instance.');
  expect(verdictWords({ ...instance, why: 'Lacks the node X.' })).toEqual({
    word: 'Lacks the node X.',
    tone: 'error',
  });
  expect(verdictWords({ ...instance, canRun: null, why: 'Stopped.' }).tone).toBe('neutral');
});

it('shortens addresses to what tells them apart', () => {
  expect(shortUrl('https://huggingface.co/a/b/resolve/main/c.pt?x=1')).toBe('huggingface.co/…/c.pt');
  expect(shortUrl('http://192.0.2.1:80/c.pt')).toBe('192.0.2.1/c.pt');
});
