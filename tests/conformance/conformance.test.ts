import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { animatedClaims } from './claims/animated.ts';
import { audioClaims } from './claims/audio.ts';
import { batchClaims } from './claims/batches.ts';
import { distributionClaims } from './claims/distribution.ts';
import { eventClaims } from './claims/events.ts';
import { fileClaims } from './claims/files.ts';
import { lifecycleClaims } from './claims/lifecycle.ts';
import { modelClaims } from './claims/models.ts';
import { ourClientClaims } from './claims/our-client.ts';
import { queueClaims } from './claims/queue.ts';
import { samplingClaims } from './claims/sampling.ts';
import { serverClaims } from './claims/server.ts';
import { userDataClaims } from './claims/user-data.ts';
import { validationClaims } from './claims/validation.ts';
import { serverKinds } from './servers.ts';
import { Subject } from './subject.ts';

/** Everything that Comfy Ensemble relies on, asked of simulated and real servers alike. */
describe.each(serverKinds())('$label', (kind) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await Subject.start(kind);
  });
  afterEach(() => subject.settle());
  afterAll(() => subject?.server.stop());

  describe('server', () => serverClaims(() => subject));
  describe('validation', () => validationClaims(() => subject));
  describe('models', () => modelClaims(() => subject));
  describe('queue and history', () => queueClaims(() => subject));
  describe('files', () => fileClaims(() => subject));
  describe('joined pictures', () => animatedClaims(() => subject));
  describe('user data', () => userDataClaims(() => subject));
  describe('events', () => eventClaims(() => subject));
  describe('sampling', () => samplingClaims(() => subject));
  describe('distribution', () => distributionClaims(() => subject));
  describe('batches', () => batchClaims(() => subject));
  describe('audio', () => audioClaims(() => subject));
  describe('our own client', () => ourClientClaims(() => subject));
  describe('life', () => lifecycleClaims(() => subject));
});
