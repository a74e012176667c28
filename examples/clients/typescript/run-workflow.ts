/**
 * Runs a workflow (API format), shows each step as it is made, and saves what comes of it.
 *
 *     npx tsx run-workflow.ts 127.0.0.1:8200 ../../txt2img.json pictures
 *
 * The address may be one ComfyUI server or Comfy Ensemble's address of a whole fleet: the calls are the same.
 */

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { WebSocket } from 'ws';

interface WorkflowNode {
  readonly class_type: string;
  readonly _meta?: { readonly title?: string };
}

type Workflow = Readonly<Record<string, WorkflowNode>>;

interface MadeFile {
  readonly filename: string;
  readonly subfolder?: string;
  readonly type?: string;
}

interface HistoryEntry {
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly status?: {
    readonly status_str: string;
    readonly messages: readonly (readonly [string, Readonly<Record<string, unknown>>])[];
  };
}

interface Refusal {
  readonly error: { readonly message: string; readonly details?: string };
  readonly node_errors?: Readonly<
    Record<
      string,
      { readonly class_type: string; readonly errors: readonly { message: string; details: string }[] }
    >
  >;
}

interface SocketEvent {
  readonly type: string;
  readonly data?: {
    readonly prompt_id?: string;
    readonly node?: string | null;
    readonly value?: number;
    readonly max?: number;
  };
}

async function call(url: string, body?: string): Promise<Response> {
  const posted =
    body === undefined ? {} : { method: 'POST', body, headers: { 'Content-Type': 'application/json' } };
  let response: Response;
  try {
    response = await fetch(url, posted);
  } catch {
    throw new Error(`${new URL(url).origin} does not answer. Is ComfyUI running there?`);
  }
  if (!response.ok) throw new Error(inWords(await response.text(), response.status));
  return response;
}

/** ComfyUI's refusal of a prompt, in lines for people. */
function inWords(text: string, status: number): string {
  let refusal: Refusal;
  try {
    refusal = JSON.parse(text) as Refusal;
  } catch {
    return `The server answered ${status}: ${text.slice(0, 300)}`;
  }
  const problems = Object.entries(refusal.node_errors ?? {}).flatMap(([id, node]) =>
    node.errors.map(({ message, details }) => `  node ${id} (${node.class_type}): ${message}: ${details}`),
  );
  const { message, details = '' } = refusal.error;
  return [`${message} ${details}`.trim(), ...problems].join('\n');
}

/** Opens the socket first, so that nothing of the prompt is missed. */
async function run(url: string, text: string): Promise<HistoryEntry> {
  const clientId = randomUUID();
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws?clientId=${clientId}`);
  const events: SocketEvent[] = [];
  const arrived = new EventTarget();
  socket.on('message', (data, isBinary) => {
    // Binary messages are pictures of what is being made: 8 bytes of header, then a JPEG or PNG.
    if (isBinary) return;
    events.push(JSON.parse(String(data)) as SocketEvent);
    arrived.dispatchEvent(new Event('event'));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', () => reject(new Error(`${url} does not answer. Is ComfyUI running there?`)));
  });
  const closed = new Promise<'closed'>((resolve) => socket.once('close', () => resolve('closed')));
  try {
    // The text goes as it is: parsed, a large seed would lose its last digits.
    const answer = await call(`${url}/prompt`, `{"client_id": "${clientId}", "prompt": ${text}}`);
    const { prompt_id: promptId } = (await answer.json()) as { prompt_id: string };
    const workflow = JSON.parse(text) as Workflow;
    for (;;) {
      const event = events.shift();
      if (event === undefined) {
        const next = new Promise<'event'>((resolve) =>
          arrived.addEventListener('event', () => resolve('event'), { once: true }),
        );
        if (events.length === 0 && (await Promise.race([next, closed])) === 'closed') break;
      } else if (event.data?.prompt_id === promptId && isLast(event, workflow)) break;
    }
    return await ended(url, promptId);
  } finally {
    socket.terminate();
  }
}

/** Shows what it says. @returns whether the prompt has ended */
function isLast({ type, data }: SocketEvent, workflow: Workflow): boolean {
  if (type === 'progress') console.log(`  ${data?.value} of ${data?.max}`);
  if (type !== 'executing') return false;
  const node = data?.node ?? null;
  if (node !== null) console.log(workflow[node]?._meta?.title ?? workflow[node]?.class_type ?? node);
  return node === null;
}

/** The history is written a moment after the last message, and a broken connection says nothing at all. */
async function ended(url: string, promptId: string): Promise<HistoryEntry> {
  for (;;) {
    const queue = await (await call(`${url}/queue`)).text();
    const history = (await (await call(`${url}/history/${promptId}`)).json()) as Record<string, HistoryEntry>;
    const entry = history[promptId];
    if (entry !== undefined) return entry;
    if (!queue.includes(promptId)) throw new Error('The prompt was taken out of the queue.');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** @throws with the reason when it did not end well */
function check({ status }: HistoryEntry): void {
  if (status === undefined || status.status_str === 'success') return;
  for (const [type, data] of status.messages) {
    const node = `Node ${data['node_id']} (${data['node_type']})`;
    if (type === 'execution_error') throw new Error(`${node} failed: ${data['exception_message']}`);
    if (type === 'execution_interrupted') throw new Error('It was interrupted.');
  }
  throw new Error('It failed.');
}

async function save(url: string, { outputs }: HistoryEntry, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const files = Object.values(outputs)
    .flatMap((output) => Object.values(output))
    .flatMap((items) => (Array.isArray(items) ? (items as unknown[]) : []))
    .filter(isFile);
  for (const { filename, subfolder = '', type = 'output' } of files) {
    const query = new URLSearchParams({ filename, subfolder, type });
    const bytes = await (await call(`${url}/view?${query}`)).arrayBuffer();
    const target = freeName(folder, path.basename(filename.replaceAll('\\', '/')));
    await writeFile(target, Buffer.from(bytes));
    console.log(target);
  }
  return files.length;
}

function isFile(item: unknown): item is MadeFile {
  return typeof item === 'object' && item !== null && 'filename' in item && typeof item.filename === 'string';
}

/** A name in the folder that nothing has yet. */
function freeName(folder: string, name: string): string {
  const { name: stem, ext } = path.parse(name);
  let target = path.join(folder, name);
  for (let count = 2; existsSync(target); count += 1) target = path.join(folder, `${stem} (${count})${ext}`);
  return target;
}

async function main([address, file, folder = 'pictures']: readonly string[]): Promise<void> {
  if (address === undefined || file === undefined) {
    throw new Error('Usage: npx tsx run-workflow.ts ADDRESS WORKFLOW.json [FOLDER]');
  }
  const url = (address.includes('://') ? address : `http://${address}`).replace(/\/+$/, '');
  const text = await readFile(file, 'utf8');
  const workflow: unknown = JSON.parse(text);
  const nodes = typeof workflow === 'object' && workflow !== null ? Object.values(workflow) : [];
  if (nodes.length === 0 || !nodes.every((node) => node?.class_type !== undefined)) {
    throw new Error(`${file} is not in API format: in ComfyUI choose Workflow → Export (API).`);
  }
  const entry = await run(url, text);
  check(entry);
  console.log(`${await save(url, entry, folder)} files`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
