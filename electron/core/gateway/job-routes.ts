import { isRecord } from '../plain-data.ts';
import type { Controls } from './controls.ts';
import { readJson, readText } from './http/body.ts';
import { sendJson, sendJsonText } from './http/replies.ts';
import type { Routes } from './http/router.ts';
import type { FinishedJob } from './jobs/finished-jobs.ts';
import { queuedLine } from './jobs/job-lines.ts';
import { listJobs, readJobQuery } from './jobs/job-list.ts';
import type { JobStore } from './jobs/job-store.ts';
import type { Jobs } from './jobs/jobs.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface JobRouteDeps {
  readonly jobs: Jobs;
  readonly store: JobStore;
  readonly controls: Controls;
}

/** /api/jobs, for pages of 0.33 in front of any master. */
export function jobRoutes({ jobs, store, controls }: JobRouteDeps): Routes {
  return {
    'GET /api/jobs': ({ response, query }) => {
      const asked = readJobQuery(query);
      if (typeof asked === 'string') sendJson(response, { error: asked }, 400);
      else sendJsonText(response, listJobs(jobs, store.finished.lines, asked));
    },
    'GET /api/jobs/*': ({ response, parts: [id = ''] }) => {
      const finished = store.finished.find(id);
      const open = jobs.find(id);
      if (finished !== null) sendJsonText(response, detailText(finished));
      else if (open !== null) {
        sendJson(response, queuedLine(open.record, open.isRunning ? 'in_progress' : 'pending'));
      } else sendJson(response, { error: 'Job not found' }, 404);
    },
    'POST /api/jobs/*/cancel': ({ response, parts: [id = ''] }) =>
      sendJson(response, { cancelled: controls.cancel(id) }),
    'POST /api/jobs/cancel': async ({ request, response }) => {
      const text = await readText(request);
      const body = parsed(text);
      const ids = isRecord(body) ? body['job_ids'] : null;
      if (body === undefined) sendJson(response, { error: 'Request body must be valid JSON' }, 400);
      else if (!Array.isArray(ids)) sendJson(response, { error: 'job_ids must be a list' }, 400);
      else {
        const invalid = ids.filter((id) => typeof id !== 'string' || !UUID.test(id)).map(String);
        const error = 'job_ids contains invalid id(s)';
        if (invalid.length > 0) sendJson(response, { error, invalid_ids: invalid }, 400);
        else sendJson(response, { cancelled: ids.map((id) => controls.cancel(String(id))).includes(true) });
      }
    },
  };
}

/** Its line with outputs, status and what was posted. */
function detailText(job: FinishedJob): string {
  const { outputs, status } = JSON.parse(job.ending);
  const rest = JSON.stringify({ outputs, execution_status: status });
  const workflow = `{"prompt": ${job.prompt}, "extra_data": ${job.extraData}}`;
  return `${job.summary.slice(0, -1)}, ${rest.slice(1, -1)}, "workflow": ${workflow}}`;
}

function parsed(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    return undefined;
  }
}
