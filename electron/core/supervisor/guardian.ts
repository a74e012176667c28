import path from 'node:path';
import type { Logger } from '../ports.ts';
import type { EndOptions } from './end-tree.ts';
import { RELEASE_WORD } from './guardian-client.ts';
import { readRegistry } from './registry.ts';
import { endProcessTree, endStrays } from './survivors.ts';

/**
 * Waits for the control center's end of `input` to close. Without a word before that, the control center died: the
 * registered servers are ended, if they are set to end with it.
 */
export async function guard(
  input: NodeJS.ReadableStream,
  registryFile: string,
  logger: Logger,
  options: EndOptions = {},
): Promise<void> {
  if ((await readToEnd(input)).includes(RELEASE_WORD)) return;
  const { stopOnExit, processes } = readRegistry(registryFile);
  if (!stopOnExit) {
    logger.info('the control center is gone; the servers go on as set');
    return;
  }
  const ended = await Promise.all(
    Object.entries(processes).map(async ([id, record]) => {
      logger.info('the control center is gone; ending', { id, pid: record.pid });
      return endProcessTree(record, options);
    }),
  );
  await endStrays(path.join(path.dirname(registryFile), 'instances'), new Set(), options);
  if (ended.includes(false)) logger.error('some servers did not end');
}

/** Bounded: only one word is ever sent. */
function readToEnd(input: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    input.setEncoding('utf8');
    input.on('data', (chunk: string) => {
      text = `${text}${chunk}`.slice(-64);
    });
    const settle = (): void => resolve(text);
    input.once('end', settle);
    input.once('close', settle);
    input.once('error', settle);
  });
}
