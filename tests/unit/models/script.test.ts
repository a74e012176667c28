import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { placeOf } from '../../../electron/core/models/model-place.ts';
import { bashScript } from '../../../electron/core/models/script/bash-script.ts';
import { bashLiteral, powershellLiteral } from '../../../electron/core/models/script/quoting.ts';
import type { ScriptDownload } from '../../../electron/core/models/script/script.ts';
import { powershellTokens } from './powershell-tokens.ts';
import { argvOf, run, ScriptBench } from './scripts.ts';

// Every script starts dozens of programs.
vi.setConfig({ testTimeout: 60_000 });

const URL_A = 'https://models.example/a.safetensors?x=1&y=[2]';

function download(name: string, change: Partial<ScriptDownload> = {}): ScriptDownload {
  const { place, problem } = placeOf('loras', name);
  if (place === null) throw new Error(problem);
  return { place, url: URL_A, bytes: null, ...change };
}

/** What a shell might take for more than a name, mixed with plain letters. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '`',
        '$(touch pwned)',
        '`touch pwned`',
        ';',
        '&',
        '|',
        '\n',
        '\r',
        '\\',
        '-',
        '--',
      ),
      fc.constantFrom(
        '$HOME',
        ['$', '{x}'].join(''),
        '!',
        '*',
        '~',
        '#',
        '%PATH%',
        '’',
        '‘',
        '“',
        'é',
        '🎨',
        ' ',
        '\t',
        '>',
        '<',
      ),
      fc.string({ maxLength: 4 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''))
  .filter((text) => text !== '');
/** As far as names are let into a script. */
const hostileName = hostile
  .map((text) => `${text.replace(/[/\\]/g, '_')}.safetensors`)
  .filter((name) => placeOf('loras', name).problem === null && Buffer.byteLength(name) < 200);

describe('a literal', () => {
  it('of bash is read back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 40 }), async (texts) => {
        const { out } = await run('bash', ['-c', `printf '%s\\0' ${texts.map(bashLiteral).join(' ')}`]);
        // What is no text in UTF-8 (half a surrogate) no program could be given.
        expect(out.split('\0').slice(0, -1)).toEqual(texts.map((text) => Buffer.from(text).toString()));
      }),
      { numRuns: 30 },
    );
  });

  it('of PowerShell is one expression of one value, in ASCII', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 10 }), (texts) => {
        const code = texts.map(powershellLiteral).join(' ');
        expect(/^[ -~]*$/.test(code)).toBe(true);
        expect(powershellTokens(code)).toEqual(texts);
      }),
    );
  }, 30_000);
});

describe.each(['comfy', 'curl'] as const)('a script with %s', (tool) => {
  let bench: ScriptBench;
  beforeEach(async () => {
    bench = await ScriptBench.open([tool]);
  });
  afterEach(() => bench.close());

  it('hands over exactly what it was made for, whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(hostileName, { minLength: 1, maxLength: 4 }), async (names) => {
        const own = await ScriptBench.open([tool]);
        try {
          const leftOut = names.map((name) => `${name}: no address is known.`);
          const { code, err } = await own.run(
            bashScript(
              names.map((name) => download(name)),
              leftOut,
            ),
          );
          expect(code, err).toBe(0);
          expect((await own.calls()).map(({ argv }) => argv)).toEqual(
            names.map((name) => argvOf(tool, own, name, URL_A)),
          );
          expect([...(await readdir(own.file('models/loras')))].sort()).toEqual([...names].sort());
          expect(await readdir(own.root)).toEqual(['models']);
          for (const sentence of leftOut) expect(err).toContain(sentence);
        } finally {
          await own.close();
        }
      }),
      { numRuns: 6 },
    );
  });

  it('leaves alone what is there, and tells of what has another size', async () => {
    await mkdir(bench.file('models/loras/old'), { recursive: true });
    await writeFile(bench.file('models/loras/whole.pt'), 'xxx');
    await writeFile(bench.file('models/loras/old/cut.pt'), 'x');
    const list = [download('whole.pt', { bytes: 3 }), download('old/cut.pt', { bytes: 3 })];
    const { code, out, err } = await bench.run(bashScript(list, []));
    expect(await bench.calls()).toEqual([]);
    expect(out).toContain('There already: models/loras/whole.pt');
    expect(err).toContain(
      'models/loras/old/cut.pt: it is there with 1 bytes, elsewhere in the fleet it has 3.',
    );
    expect(code).toBe(1);
  });

  it('goes on after a failure and lists it at the end', async () => {
    await bench.plan({ code: 1, bytes: 0, answer: '404 ' }, { bytes: 3 }, { bytes: 2 });
    const list = [download('gone.pt'), download('good.pt', { bytes: 3 }), download('short.pt', { bytes: 3 })];
    const { code, err } = await bench.run(bashScript(list, []));
    expect(code).toBe(1);
    expect(await readdir(bench.file('models/loras'))).toEqual(['good.pt']);
    const failed = err.slice(err.indexOf('Failed:'));
    expect(failed).toContain('  models/loras/gone.pt: ');
    expect(failed).toContain('  models/loras/short.pt: 2 bytes came, elsewhere in the fleet it has 3');
    expect(failed).not.toContain('good.pt');
  });

  it('keeps no web page in place of a model', async () => {
    await bench.plan({ text: '<!DOCTYPE html>\n<html>' }, { text: '<\0\0\0\0\0\0\0{"a":1}' });
    const { code, err } = await bench.run(bashScript([download('page.pt'), download('b.safetensors')], []));
    expect([code, await readdir(bench.file('models/loras'))]).toEqual([1, ['b.safetensors']]);
    expect(err).toContain('models/loras/page.pt: the address leads to a web page, not to a file');
  });

  it('never has a token among the arguments', async () => {
    const list = [
      download('a.pt', { url: 'https://huggingface.co/a/b/resolve/main/a.pt' }),
      download('b.pt', { url: 'https://civitai.com/api/download/models/1' }),
      download('c.pt', { url: 'https://huggingface.co.evil.example/c.pt' }),
    ];
    await bench.run(bashScript(list, []), { HF_API_TOKEN: 'hf_secret', CIVITAI_API_TOKEN: 'civ_secret' });
    const calls = await bench.calls();
    expect(calls).toHaveLength(3);
    expect(calls.flatMap(({ argv }) => argv).filter((one) => one.includes('secret'))).toEqual([]);
    if (tool === 'comfy') return;
    expect(calls.map(({ config }) => config.trim())).toEqual([
      'header = "Authorization: Bearer hf_secret"',
      'header = "Authorization: Bearer civ_secret"',
      '',
    ]);
  });

  it('asks for the folder of ComfyUI', async () => {
    await rm(bench.file('models'), { recursive: true });
    const { code, err } = await bench.run(bashScript([download('a.pt')], []));
    expect([code, err]).toEqual([2, expect.stringContaining('There is no folder "models" in')]);
  });
});

describe('with curl', () => {
  let bench: ScriptBench;
  beforeEach(async () => {
    bench = await ScriptBench.open(['curl']);
  });
  afterEach(() => bench.close());

  it('goes on with what it began, and renames only what is whole', async () => {
    await bench.plan({ bytes: 2, code: 18, answer: '200 ' });
    const script = bashScript([download('big.pt', { bytes: 5 })], []);
    expect((await bench.run(script)).code).toBe(1);
    expect(await readdir(bench.file('models/loras'))).toEqual(['big.pt.part']);
    await bench.plan({ bytes: 3 });
    expect((await bench.run(script)).code).toBe(0);
    expect(await readFile(bench.file('models/loras/big.pt'), 'utf8')).toBe('xxxxx');
  });

  it('begins anew where the server cannot go on', async () => {
    await mkdir(bench.file('models/loras'), { recursive: true });
    await writeFile(bench.file('models/loras/a.pt.part'), 'yyyyyyy');
    await bench.plan({ bytes: 0, code: 22, answer: '416 ' }, { bytes: 3 });
    expect((await bench.run(bashScript([download('a.pt')], []))).code).toBe(0);
    expect(await readFile(bench.file('models/loras/a.pt'), 'utf8')).toBe('xxx');
  });
});

describe('without a tool', () => {
  it('says what to install', async () => {
    const bench = await ScriptBench.open([]);
    const { code, err } = await bench.run(bashScript([download('a.pt')], []));
    expect([code, err.trim()]).toEqual([
      2,
      'Neither comfy nor curl is here. Install one: pip install comfy-cli, or the package curl.',
    ]);
    await bench.close();
  });
});

it('is clean to shellcheck', async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ensemble-shellcheck-'));
  const file = path.join(folder, 'script.sh');
  await writeFile(file, bashScript([download("it's $(x).pt", { bytes: 7 })], ['a: `b`.']));
  const { code, out } = await run(process.execPath, ['build/shellcheck.mjs', file]);
  await rm(folder, { recursive: true });
  if (code === 3) {
    process.stdout.write('scripts: no shellcheck can be had here, so bash scripts are not checked\n');
    context.skip('no shellcheck');
  }
  expect(out).toBe('');
  expect(code).toBe(0);
}, 400_000);
