import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_RUN_OPTIONS, isFinished, type RunDetail } from '../../shared/runs.ts';
import { Agent } from './support/agent.ts';
import { behave, prepareDemo, QUICK } from './support/fleets.ts';
import { type Host, runCli } from './support/host.ts';
import { Lateness } from './support/lateness.ts';
import { type Link, namespaces, relay } from './support/network.ts';
import { newPlace, startHost } from './support/places.ts';
import { until } from './support/until.ts';
import { freePorts, type Workplace } from './support/workplace.ts';

/**
 * Two machines: a control center with a master and a worker of its own, and an agent with two simulated GPUs, in a network
 * namespace of its own where we may make one. Programs, certificates, tokens and packets are the real ones.
 */

const WORKFLOW = readFileSync(path.resolve('examples/distributed-txt2img.json'), 'utf8');
const SLOW = behave({ stepMs: 150 });

const links: Link[] = [];
const agents: Agent[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.end('SIGTERM');
  for (const link of links.splice(0)) await link.close();
});

/** Ended after the test. */
async function startAgent(...how: Parameters<typeof Agent.start>): Promise<Agent> {
  const agent = await Agent.start(...how);
  agents.push(agent);
  return agent;
}

interface Machines {
  readonly host: Host;
  readonly hostPlace: Workplace;
  readonly agent: Agent;
  readonly agentPlace: Workplace;
  readonly link: Link;
  readonly port: number;
  /** Our workers that are the agent's GPUs. */
  readonly workers: readonly string[];
}

async function pairedMachines(link: Link, environment: NodeJS.ProcessEnv): Promise<Machines> {
  links.push(link);
  const [hostPlace, agentPlace] = [newPlace(), newPlace()];
  await prepareDemo(hostPlace, 2);
  await prepareDemo(agentPlace, 2);
  const [port = 0] = await freePorts(1);
  const agent = await startAgent(agentPlace, link, port, environment);
  const host = await startHost(hostPlace, { args: ['--demo=2'], environment });
  const place = await link.reach(port);
  const pair = ['agents', 'pair', `${place.host}:${place.port}`, agent.line.agent.code, '--json'];
  const done = await runCli(hostPlace, pair).ended;
  expect(done).toMatchObject({ code: 0, stderr: '' });
  const { workers } = JSON.parse(done.stdout);
  await host.allReady(4);
  await host.fleetWhere('all four answer', ({ instances }) =>
    instances.every((one) => one.link.status === 'up'),
  );
  return { host, hostPlace, agent, agentPlace, link, port, workers };
}

async function submit(host: Host, copies: number, on: readonly string[] | null = null): Promise<string> {
  const options = { ...DEFAULT_RUN_OPTIONS, copies, on };
  return (await host.invoke('runs.submit', { name: 'night', workflow: WORKFLOW, options })).runId;
}

function detail(host: Host, runId: string): Promise<RunDetail> {
  return host.invoke('runs.get', { runId });
}

async function ended(host: Host, runId: string): Promise<RunDetail> {
  await until('the run has ended', async () => isFinished((await detail(host, runId)).run.status), 60_000);
  return detail(host, runId);
}

/** A shard samples there: its model is loaded, so that silence means something. */
function sampling(host: Host, id: string): Promise<unknown> {
  return host.instanceWhere(id, 'samples', ({ activity }) => (activity?.step ?? 0) > 0);
}

function expectEverySeedOnce({ artifacts }: RunDetail, copies: number): void {
  const seeds = artifacts.map(({ seed }) => Number(seed)).sort((a, b) => a - b);
  expect(seeds).toEqual(Array.from({ length: copies }, (_, k) => (seeds[0] ?? 0) + k));
}

const inNamespaces = namespaces();
await inNamespaces?.close();
const LINKS: readonly (readonly [string, () => Link])[] = [
  ['a relay that swallows everything', relay],
  ...(inNamespaces === null ? [] : [['two network namespaces', () => namespaces() ?? relay()] as const]),
];
if (inNamespaces === null)
  console.warn('SKIPPED: no network namespaces can be made here; a relay stands in.');

describe.each(LINKS)('an agent over %s', { timeout: 120_000 }, (_, makeLink) => {
  it('takes part in runs; cut off in the middle it loses its work to others within 6 s, and comes back by itself', async () => {
    const { host, link, workers } = await pairedMachines(makeLink(), SLOW);
    expect(workers).toHaveLength(2);
    const { instances } = await host.snapshot();
    const theirs = instances.filter(({ id }) => workers.includes(id));
    expect(theirs).toMatchObject([
      { name: 'cellar · Master', type: 'remote', control: 'managed', remote: { source: { kind: 'agent' } } },
      { name: 'cellar · Worker 1', selected: true },
    ]);

    const runId = await submit(host, 6);
    for (const id of workers) await sampling(host, id);
    const [cutAt, lateness] = [Date.now(), new Lateness()];
    link.cut();
    const gone = await until('their shards are lost', async () => {
      const { shards } = await detail(host, runId);
      const lost = shards.flatMap(({ attempts }) => attempts).filter(({ outcome }) => outcome === 'lost');
      return workers.every((id) => lost.some(({ instanceId }) => instanceId === id)) ? shards : null;
    });
    expect(Date.now() - cutAt - lateness.stop()).toBeLessThan(6_000);
    expect(
      gone.every(({ status, instanceId }) => status !== 'running' || !workers.includes(instanceId ?? '')),
    ).toBe(true);
    for (const id of workers) {
      const card = await host.instanceWhere(id, 'is down', (one) => one.link.status === 'down');
      expect(card.link).toMatchObject({ reason: expect.stringMatching(/\S/) });
    }
    const [agent] = await until('the link is seen to be gone', async () => {
      const list = await host.invoke('agents.list', {});
      return list.every(({ link: state }) => state.status === 'offline') ? list : null;
    });
    expect(agent?.link).toMatchObject({ reason: expect.stringMatching(/\S/) });
    const done = await ended(host, runId);
    expect(done.run).toMatchObject({ status: 'done', error: null });
    expectEverySeedOnce(done, 6);

    link.mend();
    await host.fleetWhere('all four answer again', (fleet) =>
      fleet.instances.every((one) => one.link.status === 'up'),
    );
    await until('the agent is followed again', async () => {
      const [again] = await host.invoke('agents.list', {});
      return again?.link.status === 'online';
    });
    const again = await ended(host, await submit(host, 4, workers));
    expect(again.run.status).toBe('done');
    expect(again.shards.every(({ instanceId }) => workers.includes(instanceId ?? ''))).toBe(true);
  });

  it('that is killed and started again is the same one, and its workers come back', async () => {
    const { host, agent, agentPlace, link, port, workers } = await pairedMachines(makeLink(), SLOW);
    const runId = await submit(host, 6);
    await sampling(host, workers[1] ?? '');
    await agent.end('SIGKILL');
    await agentPlace.untilEmpty();
    const done = await ended(host, runId);
    expect(done.run).toMatchObject({ status: 'done', error: null });
    expectEverySeedOnce(done, 6);
    const next = await startAgent(agentPlace, link, port, SLOW);
    expect(next.line.agent).toMatchObject({
      id: agent.line.agent.id,
      fingerprint: agent.line.agent.fingerprint,
    });
    await host.fleetWhere('all four answer again', (fleet) =>
      fleet.instances.every((one) => one.link.status === 'up'),
    );
    expect((await host.snapshot()).instances).toHaveLength(4);
  });
});

describe('an agent', { timeout: 120_000 }, () => {
  it('is started, stopped and read from here', async () => {
    const { host, hostPlace, agentPlace, workers } = await pairedMachines(relay(), QUICK);
    const [, id = ''] = workers;
    await host.logSays(id, /To see the GUI go to/);
    await host.invoke('instance.stop', { id });
    await host.stateOf(id, 'stopped');
    await host.invoke('instance.start', { id });
    await host.stateOf(id, 'ready');
    await host.invoke('instance.restart', { id });
    await host.stateOf(id, 'ready');
    const { instances } = await host.snapshot();
    const gpu = instances.find((one) => one.id === id)?.gpuUuid ?? null;
    expect(gpu).not.toBeNull();
    await until('its GPU is measured', async () => {
      const [sample] = (await host.invoke('telemetry.history', {})).slice(-1);
      return sample?.gpus.some(({ uuid }) => uuid === gpu);
    });

    // The agent's own machine stays what it is.
    const own = await runCli(agentPlace, ['agents', 'list', '--json']).ended;
    expect(JSON.parse(own.stdout).agent.masters).toMatchObject([{ connected: true }]);
    const status = await runCli(agentPlace, ['status', '--json']).ended;
    expect(JSON.parse(status.stdout).instances).toHaveLength(2);

    // A worker that a person removed stays away, also after a restart.
    await host.invoke('worker.remove', { id });
    await host.end('SIGTERM');
    const later = await startHost(hostPlace, { args: ['--demo=2'], environment: QUICK });
    await later.allReady(3);
    const unpaired = await runCli(hostPlace, ['agents', 'unpair', 'cellar']).ended;
    expect(unpaired).toMatchObject({ code: 0, stderr: '' });
    expect((await later.snapshot()).instances).toHaveLength(2);
    const after = await runCli(agentPlace, ['agents', 'list', '--json']).ended;
    expect(JSON.parse(after.stdout).agent.masters).toEqual([]);
  });

  it('that dismisses its master refuses it, and says so on its side; pairing anew mends it', async () => {
    const { host, hostPlace, agentPlace, workers, link, port } = await pairedMachines(relay(), QUICK);
    const own = JSON.parse((await runCli(agentPlace, ['agents', 'list', '--json']).ended).stdout);
    const dismissed = await runCli(agentPlace, ['agents', 'dismiss', own.agent.masters[0].id]).ended;
    expect(dismissed.code).toBe(0);
    await until('the link is refused', async () => {
      const [agent] = await host.invoke('agents.list', {});
      return agent?.link.status === 'refused';
    });
    await host.instanceWhere(workers[0] ?? '', 'is down', (one) => one.link.status === 'down');
    const { code } = JSON.parse((await runCli(agentPlace, ['agents', 'code', '--json']).ended).stdout);
    const place = await link.reach(port);
    const pair = ['agents', 'pair', `${place.host}:${place.port}`, code, '--json'];
    expect(JSON.parse((await runCli(hostPlace, pair).ended).stdout).workers).toEqual(workers);
    await host.fleetWhere('all four answer again', (fleet) =>
      fleet.instances.every((one) => one.link.status === 'up'),
    );
  });
});
