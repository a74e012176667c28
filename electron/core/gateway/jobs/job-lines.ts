import { isRecord } from '../../plain-data.ts';
import { readJson } from '../http/body.ts';
import type { JobMessage, JobRecord } from './job-types.ts';

/** Lines of /api/jobs, as ComfyUI 0.33 makes them of its queue and history; 0.3 has no such list. Pure. */

export type JobLine = Readonly<Record<string, unknown>>;

const PREVIEWABLE = new Set(['images', 'video', 'audio', '3d', 'text']);
const MODEL_3D = /\.(obj|fbx|gltf|glb|usdz)$/i;
const TEXT_FILE = /\.(txt|md|json)$/i;
const MOST_TEXT = 1024;

interface Item {
  readonly nodeId: string;
  readonly mediaType: string;
  readonly value: JobLine;
}

export function queuedLine(job: JobRecord, status: 'pending' | 'in_progress'): JobLine {
  return withoutNull({
    ...{ id: job.promptId, status, priority: job.number, create_time: job.createdAt },
    ...{ outputs_count: 0, previewable_outputs_count: 0, workflow_id: workflowId(job) },
  });
}

export function finishedLine(
  job: JobRecord,
  entry: {
    readonly outputs: Readonly<Record<string, unknown>>;
    readonly status: { readonly completed: boolean; readonly messages: readonly JobMessage[] };
  },
): JobLine {
  const { completed, messages } = entry.status;
  const at = (event: string): JobLine | undefined => messages.find(([name]) => name === event)?.[1];
  const [failed, interrupted] = [at('execution_error'), at('execution_interrupted')];
  const end = at('execution_success') ?? failed ?? interrupted;
  const items = itemsOf(entry.outputs);
  return withoutNull({
    id: job.promptId,
    status: completed ? 'completed' : interrupted === undefined ? 'failed' : 'cancelled',
    ...{ priority: job.number, create_time: job.createdAt },
    execution_start_time: at('execution_start')?.['timestamp'],
    execution_end_time: end?.['timestamp'],
    execution_error: failed,
    outputs_count: items.length,
    previewable_outputs_count: items.filter(isPreviewable).length,
    preview_output: previewOf(items, entry.outputs),
    workflow_id: workflowId(job),
  });
}

function itemsOf(outputs: Readonly<Record<string, unknown>>): readonly Item[] {
  return Object.entries(outputs).flatMap(([nodeId, output]) =>
    Object.entries(isRecord(output) ? output : {}).flatMap(([mediaType, list]) =>
      mediaType === 'animated' || !Array.isArray(list)
        ? []
        : list.flatMap((item): readonly Item[] => {
            const file = fileOf(item);
            if (file === null) return [];
            return [{ nodeId, mediaType: String(file['mediaType'] ?? mediaType), value: file }];
          }),
    ),
  );
}

function fileOf(item: unknown): JobLine | null {
  if (isRecord(item)) return item;
  if (typeof item !== 'string' || !MODEL_3D.test(item)) return null;
  return { filename: item, type: 'output', subfolder: '', mediaType: '3d' };
}

function isPreviewable({ mediaType, value }: Item): boolean {
  const [format, name] = [String(value['format'] ?? ''), String(value['filename'] ?? '')];
  return (
    PREVIEWABLE.has(mediaType) ||
    /^(video|audio)\//.test(format) ||
    MODEL_3D.test(name) ||
    TEXT_FILE.test(name)
  );
}

/** Saved pictures before others, pictures before texts. Of several saved ones the first. */
function previewOf(items: readonly Item[], outputs: Readonly<Record<string, unknown>>): JobLine | null {
  const shown = items.filter(isPreviewable);
  const isText = ({ mediaType, value }: Item): boolean =>
    mediaType === 'text' || TEXT_FILE.test(String(value['filename'] ?? ''));
  const best =
    shown.find((item) => !isText(item) && item.value['type'] === 'output') ??
    shown.find((item) => !isText(item)) ??
    shown.find(isText);
  if (best === undefined) return textPreview(outputs);
  return { ...best.value, nodeId: best.nodeId, mediaType: best.mediaType };
}

function textPreview(outputs: Readonly<Record<string, unknown>>): JobLine | null {
  for (const [nodeId, output] of Object.entries(outputs)) {
    const texts = isRecord(output) ? output['text'] : null;
    const text: unknown = Array.isArray(texts) ? texts[0] : null;
    if (typeof text !== 'string') continue;
    const isLong = text.length > MOST_TEXT;
    return {
      content: text.slice(0, MOST_TEXT),
      ...(isLong ? { truncated: true } : {}),
      nodeId,
      mediaType: 'text',
    };
  }
  return null;
}

/** Workflows are large, and lists are asked for every few seconds. */
const workflowIds = new WeakMap<JobRecord, { readonly id: unknown }>();

export function workflowId(job: JobRecord): unknown {
  const known = workflowIds.get(job);
  if (known !== undefined) return known.id;
  const data = readJson(job.extraData);
  const info = isRecord(data) ? data['extra_pnginfo'] : null;
  const workflow = isRecord(info) ? info['workflow'] : null;
  const id = isRecord(workflow) ? workflow['id'] : null;
  workflowIds.set(job, { id });
  return id;
}

function withoutNull(line: JobLine): JobLine {
  return Object.fromEntries(
    Object.entries(line).filter(([, value]) => value !== undefined && value !== null),
  );
}
