import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import { PromptRefused } from '../../../electron/core/comfy/refusal.ts';
import { submitOnce } from '../../../electron/core/comfy/submit-once.ts';
import { revoke } from '../../../electron/core/comfy/whereabouts.ts';
import { type Clock, systemClock } from '../../../electron/core/ports.ts';
import { type FakeComfy, json, startFakeComfy } from './fake-comfy.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const SUBMIT = { prompt: { '1': { class_type: 'X', inputs: {} } }, promptId: ID, clientId: null };
const fastClock: Clock = {
  now: systemClock.now,
  after: (ms, callback) => systemClock.after(ms / 20, callback),
};

describe('submitting a prompt', { timeout: 30_000 }, () => {
  let fake: FakeComfy;
  let http: ComfyHttp;
  beforeEach(async () => {
    fake = await startFakeComfy();
    http = new ComfyHttp(fake.url, { timeoutMs: 2_000, clock: fastClock });
    queueHolds([], []);
    fake.routes.set(`/history/${ID}`, json({}));
  });
  afterEach(() => fake.close());

  function queueHolds(running: readonly string[], pending: readonly string[]): void {
    const rows = (ids: readonly string[]) => ids.map((id, index) => [index, id, {}, {}, []]);
    const queue = json({ queue_running: rows(running), queue_pending: rows(pending) });
    fake.routes.set('/queue', (request, response, body) =>
      request.method === 'POST' ? response.end() : queue(request, response, body),
    );
  }
  const posts = (path: string): readonly unknown[] =>
    fake.requests
      .filter((request) => request.method === 'POST' && request.path === path)
      .map(({ body }) => JSON.parse(body));
  const refused = async (): Promise<PromptRefused> => {
    const error = await http.submit(SUBMIT).catch((reason: unknown) => reason);
    if (error instanceof PromptRefused) return error;
    throw new Error(`not refused: ${String(error)}`);
  };

  it('writes integers with every digit', async () => {
    fake.routes.set('/prompt', json({ prompt_id: ID, number: 0, node_errors: {} }));
    const inputs = { seed: 18_446_744_073_709_551_615n, steps: 20, cfg: 1.5 };
    await http.submit({ ...SUBMIT, prompt: { '1': { class_type: 'KSampler', inputs } } });
    expect(fake.requests.at(-1)?.body).toContain('"seed":18446744073709551615,"steps":20,"cfg":1.5');
  });

  const nodeErrors = (type: string) => ({
    '4': {
      class_type: 'Loader',
      dependent_outputs: ['9'],
      errors: [{ type, message: 'm', extra_info: { a: 1 } }],
    },
  });
  it.each([
    [
      'node',
      { type: 'missing_node_type', message: "Node 'Foo' not found. The custom node may not be installed." },
      {},
    ],
    ['node', { type: 'invalid_prompt', message: 'Cannot execute because node Foo does not exist.' }, {}],
    [
      null,
      {
        type: 'invalid_prompt',
        message: 'Cannot execute because a node is missing the class_type property.',
      },
      {},
    ],
    [
      null,
      {
        type: 'missing_node_type',
        message: "Node 'ID #3' has no class_type. The workflow may be corrupted.",
      },
      {},
    ],
    ['model', { type: 'prompt_outputs_failed_validation', message: 'x' }, nodeErrors('value_not_in_list')],
    [null, { type: 'prompt_outputs_failed_validation', message: 'x' }, nodeErrors('required_input_missing')],
    [null, { type: 'prompt_no_outputs', message: 'Prompt has no outputs' }, []],
  ])(
    'says that the server lacks a %s, not that the prompt is wrong: %j',
    async (missing, error, node_errors) => {
      fake.routes.set('/prompt', json({ error, node_errors }, 400));
      expect((await refused()).missing).toBe(missing);
    },
  );

  it('keeps the errors as the server told them', async () => {
    const node_errors = nodeErrors('value_not_in_list');
    fake.routes.set('/prompt', json({ error: { type: 'x', message: 'm' }, node_errors }, 400));
    expect((await refused()).nodeErrors).toEqual(node_errors);
  });

  it.each([
    ['waits', [], [ID], []],
    ['already runs', [ID], [], [{ prompt_id: ID }]],
    ['is behind another one', ['other'], [ID], []],
  ] as const)(
    'takes back a prompt that would lose outputs and %s',
    async (_what, running, pending, interrupts) => {
      queueHolds(running, pending);
      fake.routes.set('/interrupt', (_request, response) => response.end());
      fake.routes.set(
        '/prompt',
        json({ prompt_id: ID, number: 0, node_errors: nodeErrors('value_not_in_list') }),
      );
      expect((await refused()).missing).toBe('model');
      expect(posts('/queue')).toEqual([{ delete: [ID] }]);
      expect(posts('/interrupt')).toEqual(interrupts);
    },
  );

  it('takes back what was queued under another id', async () => {
    fake.routes.set('/prompt', json({ prompt_id: 'mine', number: 0, node_errors: {} }));
    await expect(http.submit(SUBMIT)).rejects.toMatchObject({ code: 'unavailable' });
    expect(posts('/queue')).toEqual([{ delete: ['mine'] }]);
  });

  describe('when the answer is lost', () => {
    const submit = async (signal = new AbortController().signal): Promise<void> =>
      submitOnce(SUBMIT, { http, clock: fastClock, signal });
    /** Cuts the first connections, then accepts. */
    const cut = (times: number, onCut = (): void => {}): void => {
      let left = times;
      fake.routes.set('/prompt', (request, response, body) => {
        left -= 1;
        if (left < 0) {
          json({ prompt_id: ID, number: 0, node_errors: {} })(request, response, body);
          return;
        }
        onCut();
        request.socket.destroy();
      });
    };

    it.each([
      ['waits', () => queueHolds([], [ID])],
      ['runs', () => queueHolds([ID], [])],
      ['is done', () => fake.routes.set(`/history/${ID}`, json({ [ID]: { outputs: {} } }))],
    ])('does not send again what %s', async (_what, arrive) => {
      cut(1, arrive);
      await submit();
      expect(posts('/prompt')).toHaveLength(1);
    });

    it('sends the same id again once it is known not to be there', async () => {
      cut(1);
      await submit();
      expect(posts('/prompt')).toMatchObject([{ prompt_id: ID }, { prompt_id: ID }]);
      // Both looks came before the second submission.
      expect(fake.requests.filter(({ path, method }) => path === '/queue' && method === 'GET')).toHaveLength(
        2,
      );
    });

    it('gives up after three', async () => {
      cut(99);
      await expect(submit()).rejects.toMatchObject({ code: 'disconnected' });
      expect(posts('/prompt')).toHaveLength(3);
    });

    it('never sends blindly when the server cannot be asked', async () => {
      cut(1, () => fake.routes.set('/queue', (request) => request.socket.destroy()));
      await expect(submit()).rejects.toMatchObject({ code: 'disconnected' });
      expect(posts('/prompt')).toHaveLength(1);
    });

    it('does not send again after a clear answer', async () => {
      fake.routes.set('/prompt', json({}, 500));
      await expect(submit()).rejects.toMatchObject({ code: 'unavailable' });
      expect(posts('/prompt')).toHaveLength(1);
    });
  });

  it.each([
    ['removed', [], []],
    ['started', [ID], []],
    ['started', [], [ID]],
  ] as const)('revokes a waiting prompt and says that it was %s', async (outcome, running, pending) => {
    queueHolds(running, pending);
    expect(await revoke(ID, { http })).toBe(outcome);
    expect(posts('/queue')).toEqual([{ delete: [ID] }]);
    expect(posts('/interrupt')).toEqual([]);
  });
});
