import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { decodePng } from '../../../electron/simulator/png-decode.ts';
import { at, list, until } from '../client.ts';
import { startServer } from '../servers.ts';
import { type HistoryEntry, Subject } from '../subject.ts';
import { fresh, long, node, type Prompt, plain, sample } from '../workflows.ts';

const LARGEST = '18446744073709551615';
/** Numbers of a prompt that its JSON text cannot hold are written in afterwards. */
const MARK = 987_654_321;

/** What sharing work out over several servers rests on: exact seeds, the cache, file names, and prompts that go away. */
export function distributionClaims(subject: () => Subject): void {
  const withLargestSeed = (checkpoint: string): string =>
    JSON.stringify({ prompt: sample({ checkpoint, seed: MARK }), prompt_id: randomUUID() }).replace(
      String(MARK),
      LARGEST,
    );
  const cachedNodes = (entry: unknown): readonly string[] => {
    const events = list(at(entry, 'status', 'messages'));
    const cached = events.find((message) => at(message, 0) === 'execution_cached');
    return list(at(cached, 1, 'nodes'))
      .map(String)
      .sort();
  };

  it('keeps the largest seed exactly, in the history and in the picture', async (context) => {
    const text = withLargestSeed(subject().needCheckpoint(context));
    const answer = await subject().call('/prompt', { text });
    expect(answer.status).toBe(200);
    const id = String(at(answer.json, 'prompt_id'));
    const { files } = await subject().history(id);
    const history = await subject().call(`/history/${id}`);
    expect(history.bytes.toString()).toMatch(new RegExp(`"seed": ?${LARGEST}[,}]`));
    const { text: metadata } = decodePng((await subject().view(files[0])).bytes);
    expect(metadata['prompt']).toMatch(new RegExp(`"seed": ?${LARGEST}[,}]`));
  });

  it('refuses the seed after the largest, with all its digits', async (context) => {
    const text = withLargestSeed(subject().needCheckpoint(context)).replace(LARGEST, '18446744073709551616');
    const { status, bytes } = await subject().call('/prompt', { text });
    expect(status).toBe(400);
    expect(bytes.toString()).toContain(`Value 18446744073709551616 bigger than max of ${LARGEST}`);
  });

  it('tells neighbours among the largest seeds apart', async (context) => {
    const text = withLargestSeed(subject().needCheckpoint(context));
    const pictures: Buffer[] = [];
    for (const seed of [LARGEST, '18446744073709551614']) {
      const body = text
        .replace(LARGEST, seed)
        .replace(/"prompt_id":"[^"]+"/, `"prompt_id":"${randomUUID()}"`);
      const { json } = await subject().call('/prompt', { text: body });
      const { files } = await subject().history(String(at(json, 'prompt_id')));
      pictures.push(Buffer.from(decodePng((await subject().view(files[0])).bytes).frames[0] ?? []));
    }
    expect(pictures[0]?.equals(pictures[1] ?? Buffer.alloc(0))).toBe(false);
  });

  it('saves into a subfolder that the prefix names, and counts there', async () => {
    const prefix = `ensemble/${randomUUID()}`;
    const saved: HistoryEntry['files'][number][] = [];
    for (const color of [fresh(), fresh()]) {
      const { files } = await subject().run(plain(color, prefix));
      saved.push(...files);
    }
    const name = prefix.slice('ensemble/'.length);
    expect(saved).toEqual([
      { filename: `${name}_00001_.png`, subfolder: 'ensemble', type: 'output' },
      { filename: `${name}_00002_.png`, subfolder: 'ensemble', type: 'output' },
    ]);
    expect((await subject().view(saved[0])).status).toBe(200);
  });

  it('saves again without sampling again when only the prefix changes', async (context) => {
    const prompt = sample({ checkpoint: subject().needCheckpoint(context) });
    const first = await subject().run(prompt);
    const images = ['6', 0];
    const renamed: Prompt = { ...prompt, '7': node('SaveImage', { images, filename_prefix: randomUUID() }) };
    const second = await subject().run(renamed);
    expect(cachedNodes(second.entry)).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(second.files[0]?.filename).not.toBe(first.files[0]?.filename);
    const [before, after] = await Promise.all(
      [first, second].map(async ({ files }) => subject().view(files[0])),
    );
    const pixels = (bytes: Buffer = Buffer.alloc(0)): Buffer => Buffer.from(decodePng(bytes).frames[0] ?? []);
    expect(pixels(after?.bytes).equals(pixels(before?.bytes))).toBe(true);
  });

  it('answers the same prompt under another id with the old files', async (context) => {
    const prompt = sample({ checkpoint: subject().needCheckpoint(context) });
    const [one, two] = [randomUUID(), randomUUID()];
    const first = await subject().run(prompt, { prompt_id: one });
    const second = await subject().run(prompt, { prompt_id: two });
    expect(second.files).toEqual(first.files);
    expect(cachedNodes(second.entry)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('makes the same file, byte for byte, on two servers', async (context) => {
    const prompt = sample({ checkpoint: subject().needCheckpoint(context) });
    const here = await subject().run(prompt);
    const server = await startServer(subject().server.kind);
    try {
      const there = Subject.of(server, subject());
      const other = await there.run(prompt);
      const [mine, its] = await Promise.all([subject().view(here.files[0]), there.view(other.files[0])]);
      expect(its.bytes.equals(mine.bytes)).toBe(true);
    } finally {
      await server.stop();
    }
  });

  it('forgets a waiting prompt that is deleted, and never starts it', async (context) => {
    const listener = await subject().listen();
    const running = await subject().queue(long(subject().needCheckpoint(context)));
    await until('the long prompt runs', async () => (await subject().queued()).running.includes(running));
    const waiting = await subject().queue(plain(), { client_id: listener.clientId });
    await subject().call('/queue', { json: { delete: [waiting] } });
    await subject().call('/interrupt', { json: { prompt_id: running } });
    await subject().history(running);
    // One that came later is done: the deleted one would have been before it.
    await subject().run(plain(), { client_id: listener.clientId });
    expect((await subject().call(`/history/${waiting}`)).json).toEqual({});
    expect(listener.about(waiting)).toEqual([]);
  });

  it('does nothing to a waiting prompt that is interrupted by its id', async (context) => {
    const running = await subject().queue(long(subject().needCheckpoint(context)));
    await until('the long prompt runs', async () => (await subject().queued()).running.includes(running));
    const waiting = await subject().queue(plain());
    expect((await subject().call('/interrupt', { json: { prompt_id: waiting } })).status).toBe(200);
    expect(await subject().queued()).toEqual({ running: [running], pending: [waiting] });
    await subject().call('/interrupt', { json: { prompt_id: running } });
    const { entry } = await subject().history(waiting);
    expect(at(entry, 'status', 'status_str')).toBe('success');
  });
}
