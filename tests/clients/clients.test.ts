import { afterAll, beforeAll, describe } from 'vitest';
import { serverKinds } from '../conformance/servers.ts';
import { curlClient } from './curl.ts';
import { exampleClients, exampleWords } from './examples.ts';
import { pythonClients } from './python.ts';
import { sdkClients } from './sdks.ts';
import { type Served, serve } from './served.ts';

/**
 * Clients that others have written, or their documented calls, unchanged at the address of a fleet: of three simulated
 * servers, and of each real one that COMFYUI_PATH names. They get the pictures of all in one answer.
 */
describe.each(serverKinds())('in front of $label', (kind) => {
  let served: Served;
  beforeAll(async () => {
    served = await serve(kind, kind.simulated ? 3 : 1);
  });
  afterAll(() => served?.close());

  describe('Python', () => pythonClients(() => served));
  describe('npm', () => sdkClients(() => served));
  describe('curl', () => curlClient(() => served));
  describe('examples/clients', () => {
    exampleClients(() => served);
    exampleWords(() => served);
  });
});

describe.each(serverKinds())('without a gateway, $label', (kind) => {
  let served: Served;
  beforeAll(async () => {
    served = await serve(kind, 0);
  });
  afterAll(() => served?.close());

  describe('examples/clients', () => exampleClients(() => served));
});
