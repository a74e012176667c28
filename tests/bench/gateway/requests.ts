import { Client, type Dispatcher } from 'undici';

/** One kept-alive connection to one address. */
export class Requests {
  readonly #client: Client;

  constructor(url: string) {
    this.#client = new Client(url, { pipelining: 1 });
  }

  /** ms from the first byte asked to the last one answered. @throws when it is refused */
  async time(path: string): Promise<{ readonly ms: number; readonly bytes: number }> {
    const begun = performance.now();
    const { body, statusCode } = await this.#client.request({ method: 'GET', path });
    const bytes = await sizeOf(body);
    const ms = performance.now() - begun;
    if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}`);
    return { ms, bytes };
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

async function sizeOf(body: Dispatcher.ResponseData['body']): Promise<number> {
  let size = 0;
  for await (const chunk of body) size += (chunk as Buffer).length;
  return size;
}
