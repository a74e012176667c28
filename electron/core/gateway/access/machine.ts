import { hostname, networkInterfaces } from 'node:os';
import { bracketed } from '../../access/origins.ts';

/** How other machines name this one. */
export interface Machine {
  hostname(): string;
  /** As they stand in URLs, those of IPv4 first; without loopback and what is valid on one wire alone. */
  addresses(): readonly string[];
}

export const thisMachine: Machine = {
  hostname,
  addresses: () => {
    const all = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
    const reachable = all.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address));
    const [four, six] = ['IPv4', 'IPv6'].map((family) => reachable.filter((one) => one.family === family));
    return [...(four ?? []), ...(six ?? [])].map(({ address }) => bracketed(address));
  },
};
