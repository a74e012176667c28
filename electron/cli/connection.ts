import { homedir } from 'node:os';
import path from 'node:path';
import { EnsembleError } from '../../shared/errors.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { nearest } from '../../shared/nearest.ts';
import { defaultDataDirectory, readControlFile } from '../core/settings/data-directory.ts';
import { HttpClient } from '../transports/http-client.ts';

export function dataDirectoryOf(data: string | null, environment: NodeJS.ProcessEnv): string {
  return path.resolve(data ?? defaultDataDirectory(environment, process.platform, homedir()));
}

/** Ends the command with its own exit code. */
export class NoControlCenter extends EnsembleError {}

/** @returns null when no control center runs on this data directory, also when a dead one has left its file behind */
export async function findControlCenter(dataDirectory: string): Promise<HttpClient | null> {
  const control = await readControlFile(dataDirectory);
  if (control === null) return null;
  const client = new HttpClient(control);
  try {
    await client.invoke('system.info', {});
    return client;
  } catch (error) {
    client.close();
    // Another program on the port of a dead control center does not know the token either.
    if (error instanceof EnsembleError && ['disconnected', 'unauthorized'].includes(error.code)) return null;
    throw error;
  }
}

/** @throws EnsembleError('not-found') that suggests which instance was meant */
export function findInstance(instances: readonly InstanceSnapshot[], target: string): InstanceSnapshot {
  const wanted = target.toLowerCase();
  const byId = instances.find((instance) => instance.id === target);
  const byName = instances.filter((instance) => instance.name.toLowerCase() === wanted);
  const [only] = byName;
  if (byId !== undefined) return byId;
  if (only !== undefined && byName.length === 1) return only;
  if (byName.length > 1) {
    const ids = byName.map((instance) => instance.id).join(', ');
    throw EnsembleError.badArgument(
      'id',
      `${byName.length} instances are called “${target}”.`,
      `Use an id: ${ids}`,
    );
  }
  const guess = nearest(
    target,
    instances.flatMap((instance) => [instance.id, instance.name]),
  );
  throw new EnsembleError(
    'not-found',
    `There is no instance “${target}”.`,
    guess === null ? '`ensemble status` lists them.' : `Did you mean “${guess}”?`,
  );
}
