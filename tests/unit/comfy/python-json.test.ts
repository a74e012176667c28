import { afterEach, describe, expect, it } from 'vitest';
import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import { parsePythonJson } from '../../../electron/core/comfy/python-json.ts';
import { type RawServer, startRawServer } from './raw-server.ts';

describe('JSON of Python servers', () => {
  let server: RawServer | null = null;
  afterEach(() => server?.close());

  it.each([
    ['{"a":[1,2.5,"x"]}', { a: [1, 2.5, 'x'] }],
    ['{"max":Infinity,"min":-Infinity,"x":NaN}', { max: null, min: null, x: null }],
    ['{"max":Infinity,"text":"NaN \\" Infinity"}', { max: null, text: 'NaN " Infinity' }],
    ['<html>NaN', undefined],
  ])('reads %s', (text, value) => {
    expect(parsePythonJson(text)).toEqual(value);
  });

  it('reads all node classes of a server, and says so when there are none', async () => {
    let body = '{"Node":{"input":{"required":{"x":["FLOAT",{"max":Infinity}]}}}}';
    server = await startRawServer((_request, response) => void response.end(body));
    const http = new ComfyHttp(server.url);
    expect(await http.objectInfoAll()).toEqual({
      Node: { input: { required: { x: ['FLOAT', { max: null }] } } },
    });
    body = '<html>';
    await expect(http.objectInfoAll()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
