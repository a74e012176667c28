import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { eventClaims } from '../conformance/claims/events.ts';
import { fileClaims } from '../conformance/claims/files.ts';
import { queueClaims } from '../conformance/claims/queue.ts';
import { serverClaims } from '../conformance/claims/server.ts';
import { validationClaims } from '../conformance/claims/validation.ts';
import { serverKinds } from '../conformance/servers.ts';
import { Subject } from '../conformance/subject.ts';
import { GatewayWorld } from '../support/gateway-world.ts';

/** What a gateway does otherwise than a single server, on purpose. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'never checks a request without an Origin, nor one with Origin: null': 'no origin but its own passes',
  'refuses an Origin that is not its Host while that is loopback': 'all names of this machine are one',
  'answers a repeated prompt out of its cache with the old files': 'each run keeps results of its own',
  'runs equal nodes of different prompts once': 'prefixes are ours to give, so that savers are cached too',
  'tells nobody about a prompt without client_id, but for progress_state, which all get':
    'progress is for whoever submitted it',
  'replays to a client that comes back only the queue and the node, without its prompt':
    'the whole state of its prompt is told',
  'forgets the newer of two sockets with one clientId when the older ends': 'all sockets are told',
  'shows tokens of a queued prompt to everybody until 0.33, which hides them': 'hidden always',
};

/** In front of 0.3, which has less. */
const MORE: Readonly<Record<string, string>> = {
  'refuses cross-site requests from 0.33 on': 'refused in front of any server',
  'has the jobs API from 0.33 on': 'made of queue and history in front of any server',
};

/** What a ComfyUI promises its clients, asked of a gateway with that one server behind it. */
describe.each(serverKinds())('a gateway in front of $label', (kind) => {
  let direct: Subject;
  let world: GatewayWorld;
  let subject: Subject;
  beforeAll(async () => {
    direct = await Subject.start(kind);
    const { url, directories } = direct.server;
    world = await GatewayWorld.open([{ id: 'master', url, sharesInput: true }], { home: directories });
    subject = Subject.of({ ...direct.server, url: world.url, port: world.port }, direct);
  });
  beforeEach((context) => {
    const { name } = context.task;
    const why = DIFFERENT[name] ?? (subject.modern ? undefined : MORE[name]);
    if (why !== undefined) context.skip(why);
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
