import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubeClient } from '../../../electron/core/providers/kube-client.ts';
import { accessIn, readClusterAccess } from '../../../electron/core/providers/kubeconfig.ts';
import { ManualClock } from '../../support/manual-clock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = () => path.join(folder, 'config');
const config = (user: string, cluster = 'server: "https://10.0.0.1:6443/k8s"') => `
apiVersion: v1
current-context: lab
contexts: [{ name: lab, context: { cluster: c, user: u, namespace: gpu } }, { name: other, context: { cluster: c } }]
clusters: [{ name: c, cluster: { ${cluster} } }]
users: [{ name: u, user: ${user} }]
`;

test('data, files beside it, names and namespaces are read as kubectl does', async () => {
  await writeFile(path.join(folder, 'ca.pem'), 'the authority');
  const data = Buffer.from('a certificate').toString('base64');
  const user = `{ client-certificate-data: ${data}, client-key-data: ${Buffer.from('a key').toString('base64')} }`;
  const cluster =
    'server: "https://10.0.0.1:6443/k8s", certificate-authority: ca.pem, tls-server-name: kube.lab';
  const access = await accessIn(config(user, cluster), '', file());
  expect(access).toMatchObject({
    ...{ ca: 'the authority', certificate: { cert: 'a certificate', key: 'a key' }, serverName: 'kube.lab' },
    ...{ namespace: 'gpu', name: 'lab', credential: { kind: 'none' }, isInsecure: false },
  });
  const client = new KubeClient(access, { clock: new ManualClock(), random: () => 0 });
  expect(client.urlOf('api/v1/pods').href).toBe('https://10.0.0.1:6443/k8s/api/v1/pods');
  expect((await accessIn(config('{}'), 'other', file())).namespace).toBe('default');
});

test('a token of a program is asked for once, and again when it ends', async () => {
  const clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'));
  const program = path.join(folder, 'token.sh');
  const reply = '{"status":{"token":"t-%s","expirationTimestamp":"2026-01-01T00:10:00Z"}}';
  await writeFile(
    program,
    `#!/bin/sh\necho x >> "${folder}/calls"\nprintf '${reply}' "$(wc -l < "${folder}/calls" | tr -d ' ')$PROFILE"\n`,
  );
  await chmod(program, 0o755);
  const user =
    '{ exec: { apiVersion: client.authentication.k8s.io/v1, command: ./token.sh, env: [{ name: PROFILE, value: gpu }] } }';
  const client = new KubeClient(await accessIn(config(user), '', file()), { clock, random: () => 0 });
  expect(await client.headers()).toEqual({ authorization: 'Bearer t-1gpu' });
  expect(await client.headers()).toEqual({ authorization: 'Bearer t-1gpu' });
  clock.advance(9 * 60_000 + 1);
  expect(await client.headers()).toEqual({ authorization: 'Bearer t-2gpu' });
});

test('a program that gives no token says its last word and what to do', async () => {
  const program = path.join(folder, 'token.sh');
  await writeFile(program, '#!/bin/sh\necho "The SSO session has expired" >&2\nexit 1\n');
  await chmod(program, 0o755);
  const user = '{ exec: { apiVersion: v1, command: ./token.sh } }';
  const client = new KubeClient(await accessIn(config(user), '', file()), {
    clock: new ManualClock(),
    random: () => 0,
  });
  await expect(client.headers()).rejects.toMatchObject({
    message: expect.stringContaining('gave no token: The SSO session has expired.'),
    hint: expect.stringContaining('sign in again'),
  });
});

test('tokens, files of tokens and passwords open it', async () => {
  const opened = async (user: string) => {
    const access = await accessIn(config(user), '', file());
    return new KubeClient(access, { clock: new ManualClock(), random: () => 0 }).headers();
  };
  await writeFile(path.join(folder, 'token'), 'from a file\n');
  expect(await opened('{ token: abc }')).toEqual({ authorization: 'Bearer abc' });
  expect(await opened('{ tokenFile: token }')).toEqual({ authorization: 'Bearer from a file' });
  expect(await opened('{ username: a, password: b }')).toEqual({ authorization: 'Basic YTpi' });
});

test('without a file and outside of a cluster the message names where it was looked for', async () => {
  const place = { file: '', context: '', environment: {}, home: folder };
  await expect(readClusterAccess(place)).rejects.toThrow(`There is no kubeconfig at ${folder}/.kube/config.`);
  const inside = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  const access = await readClusterAccess({ ...place, environment: inside });
  expect(access).toMatchObject({ credential: { kind: 'token-file' }, namespace: 'default' });
  expect(access.server.href).toBe('https://[fd00::1]/');
});
