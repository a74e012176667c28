import type { ServerResponse } from 'node:http';

/** @returns sends bytes; it resolves when they have left their buffer, with false when the client has gone */
export function sender(response: ServerResponse): (chunk: Buffer) => Promise<boolean> {
  let isOver = response.destroyed;
  let gone = (): void => {};
  response.once('close', () => {
    isOver = true;
    gone();
  });
  return (chunk) =>
    new Promise((resolve) => {
      // What waits on a connection that closes may never be told of.
      gone = () => resolve(false);
      if (isOver) gone();
      else response.write(chunk, (error) => resolve(!error));
    });
}
