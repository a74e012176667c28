import { afterEach, expect } from 'vitest';
import { Center, type CenterOptions } from './center.ts';
import { Host, type HostOptions } from './host.ts';
import { Workplace } from './workplace.ts';

const places: Workplace[] = [];
const centers: Center[] = [];
const hosts: Host[] = [];

export function newPlace(): Workplace {
  const place = new Workplace();
  places.push(place);
  return place;
}

/** Closed after the test, with its servers. */
export async function startCenter(place: Workplace, options?: CenterOptions): Promise<Center> {
  const center = await Center.open(place, options);
  centers.push(center);
  await center.control.start();
  return center;
}

/** Ended after the test; a test that leaves servers running on purpose ends them by `stopAll` or the next host. */
export async function startHost(place: Workplace, options?: HostOptions): Promise<Host> {
  const host = await Host.start(place, options);
  hosts.push(host);
  return host;
}

afterEach(async () => {
  for (const center of centers.splice(0)) await center.control.close(true);
  for (const host of hosts.splice(0)) await host.end('SIGTERM');
  const left: string[] = [];
  for (const place of places.splice(0)) {
    await place.untilEmpty(10_000).catch(() => undefined);
    left.push(...(await place.dispose()));
  }
  expect(left, 'processes that outlived the test').toEqual([]);
});
