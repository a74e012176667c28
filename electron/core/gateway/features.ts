import { isRecord } from '../plain-data.ts';
import type { FleetQuestions } from './fleet-questions.ts';

const FALLBACK = { supports_preview_metadata: true, max_upload_size: 100 * 1_048_576 };

/** What the gateway can do: what its master can, but for what only one server would know of. */
export async function fleetFeatures(questions: FleetQuestions): Promise<Readonly<Record<string, unknown>>> {
  const { master } = questions;
  if (master === null) return FALLBACK;
  try {
    const features: unknown = JSON.parse((await questions.get(master, '/features')) ?? 'null');
    if (!isRecord(features)) return FALLBACK;
    return 'assets' in features ? { ...features, assets: false } : features;
  } catch {
    return FALLBACK;
  }
}
