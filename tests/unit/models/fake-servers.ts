import type { EnsembleError } from '../../../shared/errors.ts';
import { objectInfo } from './workflows.ts';

/** A server's model folders, and the lists in its /object_info where they are another thing. */
export interface FakeServer {
  readonly info: Readonly<Record<string, unknown>> | null;
  readonly folders: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly fails?: EnsembleError;
}

/** What a route of it says, as a client reads it. */
export function answer({ folders, fails }: FakeServer, route: string): string | null {
  if (fails !== undefined) throw fails;
  if (route === '/models') return JSON.stringify(Object.keys(folders));
  const [, sized, name = ''] = /^(\/experiment)?\/models\/(.+)$/.exec(route) ?? [];
  const files = folders[name];
  if (files === undefined) return null;
  if (sized === undefined) return JSON.stringify(Object.keys(files));
  const listed = Object.entries(files).filter(([file]) => !file.endsWith('.gguf'));
  return JSON.stringify(listed.map(([file, size]) => ({ name: file, pathIndex: 0, size })));
}

export const BOTH = { checkpoints: { 'base.safetensors': 10 }, loras: { 'style\\ink.safetensors': 5 } };
export const FULL: FakeServer = {
  info: objectInfo({ checkpoints: ['base.safetensors'], loras: ['style\\ink.safetensors'] }),
  folders: BOTH,
};
export const EMPTY: FakeServer = { info: objectInfo({}), folders: { checkpoints: {}, loras: {} } };
