import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { eventClaims } from '../conformance/claims/events.ts';
import { fileClaims } from '../conformance/claims/files.ts';
import { queueClaims } from '../conformance/claims/queue.ts';
import { serverClaims } from '../conformance/claims/server.ts';
import { validationClaims } from '../conformance/claims/validation.ts';
import { serverKinds } from '../conformance/servers.ts';
import { Subject } from '../conformance/subject.ts';
import { GatewayWorld } from '../support/gateway-world.ts';

/** What a ComfyUI promises its clients, asked of a gateway with that one server behind it. */
describe.each(serverKinds().filter(({ simulated }) => simulated))('a gateway in front of $label', (kind) => {
  let direct: Subject;
  let world: GatewayWorld;
  let subject: Subject;
  beforeAll(async () => {
    direct = await Subject.start(kind);
    const { url, directories } = direct.server;
    world = await GatewayWorld.open([{ id: 'master', url, sharesInput: true }], { input: directories.input });
    subject = Subject.of({ ...direct.server, url: world.url }, direct);
  });
  afterEach(() => subject.settle());
  afterAll(async () => {
    await world?.close();
    await direct?.server.stop();
  });

  describe('server', () => serverClaims(() => subject));
  describe('validation', () => validationClaims(() => subject));
  describe('queue and history', () => queueClaims(() => subject));
  describe('files', () => fileClaims(() => subject));
  describe('events', () => eventClaims(() => subject));
});
