import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Discovery } from '../../../electron/core/discovery/discovery.ts';
import {
  announcementOf,
  foundPlaces,
  isNear,
  MOST_FOUND,
  type OwnService,
} from '../../../electron/core/discovery/found.ts';
import { portsAsked } from '../../../electron/core/discovery/ports-asked.ts';
import type { Announced, Responder, SeenService } from '../../../electron/core/discovery/responder.ts';
import { Emitter } from '../../../electron/core/ports.ts';

const OWN = { id: '22222222-2222-4222-8222-222222222222', name: 'Office', version: '0.1.0' };
const OTHER = { id: '11111111-1111-4111-8111-111111111111', name: 'cellar', version: '0.1.0' };
const AGENT: OwnService = { role: 'agent', port: 8290, fingerprint: 'AB:CD:EF:01:23:45:67:89:AB:CD' };
const NOTHING = { ownId: OWN.id, agents: [], workers: new Set<string>() };

function seen(announced: Announced, change: Partial<SeenService> = {}): SeenService {
  return {
    type: 'comfy-ensemble',
    addresses: ['192.168.1.20'],
    from: '192.168.1.20',
    ...announced,
    ...change,
  };
}

describe('what is found', () => {
  it('is what others announce, known or not, without ourselves', () => {
    const theirs = seen(announcementOf(OTHER, AGENT));
    const ours = seen(announcementOf(OWN, { role: 'control-center', port: 8288, fingerprint: null }));
    const place = { kind: 'agent', name: 'cellar', host: '192.168.1.20', port: 8290, version: '0.1.0' };
    expect(foundPlaces([ours, theirs, theirs], NOTHING)).toEqual([{ ...place, id: OTHER.id, known: false }]);
    const paired = foundPlaces([theirs], { ...NOTHING, agents: [OTHER.id] });
    expect(paired).toMatchObject([{ known: true }]);
    expect(theirs.txt['fp']).toBe('AB:CD:EF:01:23:45:67:89');
  });

  it('takes a ComfyUI that others announce by its address', () => {
    const comfy = seen({ name: 'Studio', port: 8188, txt: {} }, { type: 'comfyui' });
    const [place] = foundPlaces([comfy], { ...NOTHING, workers: new Set(['192.168.1.20:8188']) });
    expect(place).toMatchObject({ kind: 'comfyui', id: '192.168.1.20:8188', name: 'Studio', known: true });
  });

  it('leads nobody out of this network', () => {
    const announced = announcementOf(OTHER, AGENT);
    const at = (addresses: readonly string[], from: string | null) =>
      foundPlaces([seen(announced, { addresses, from })], NOTHING)[0]?.host ?? null;
    expect(at(['8.8.8.8'], null)).toBeNull();
    expect(at(['8.8.8.8'], '8.8.4.4')).toBeNull();
    expect(at(['8.8.8.8', '10.0.0.9'], '10.0.0.7')).toBe('10.0.0.9');
    expect(at(['172.20.0.2', '192.168.1.20'], '192.168.1.20')).toBe('192.168.1.20');
    expect(at([], '::ffff:192.168.1.20')).toBe('192.168.1.20');
    for (const far of ['172.32.0.1', '11.0.0.1', '192.169.0.1', '0.0.0.0', 'evil.example', ''])
      expect(isNear(far)).toBe(false);
  });

  it('is inert whatever strangers say', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 2_000 }), fc.constant('\u202Eevil\n\u0007'));
    const service = fc.record({
      type: fc.constantFrom('comfy-ensemble' as const, 'comfyui' as const),
      name: text,
      port: fc.oneof(fc.integer(), fc.constant(8188)),
      addresses: fc.array(fc.oneof(text, fc.ipV4(), fc.ipV6(), fc.constant('10.0.0.5')), { maxLength: 4 }),
      from: fc.option(fc.oneof(text, fc.constant('10.0.0.5'))),
      txt: fc.dictionary(
        fc.constantFrom('id', 'v', 'name', 'role', '__proto__', 'toString'),
        fc.oneof(text, fc.constantFrom('agent', 'gateway', OWN.id, OTHER.id), fc.jsonValue()),
      ),
    });
    fc.assert(
      fc.property(fc.array(service, { maxLength: 150 }), (services) => {
        const places = foundPlaces(services, NOTHING);
        expect(places.length).toBeLessThanOrEqual(MOST_FOUND);
        for (const { id, name, host, port } of places) {
          expect(id).not.toBe(OWN.id);
          expect(name).toMatch(/^[^\p{C}]{1,66}$/u);
          expect(isNear(host)).toBe(true);
          expect(port > 0 && port < 65_536).toBe(true);
        }
      }),
    );
  });
});

class FakeResponder implements Responder {
  readonly seen = new Emitter<readonly SeenService[]>();
  readonly problems = new Emitter<string>();
  announced: readonly Announced[] = [];
  closed = false;

  announce(services: readonly Announced[]): void {
    this.announced = services;
  }

  onSeen = (listener: (services: readonly SeenService[]) => void) => this.seen.on(listener);
  onProblem = (listener: (problem: string) => void) => this.problems.on(listener);

  close(): void {
    this.closed = true;
  }
}

describe('discovery', () => {
  it('is silent and deaf until it is wanted, and again when it is not', () => {
    const settings = new Emitter<void>();
    const responders: FakeResponder[] = [];
    let [enabled, services] = [false, [AGENT]];
    const discovery = new Discovery({
      own: OWN,
      services: () => services,
      known: () => ({ agents: [], workers: new Set() }),
      enabled: () => enabled,
      onSettings: (listener) => settings.on(listener),
      openResponder: () => {
        const responder = new FakeResponder();
        responders.push(responder);
        return responder;
      },
    });
    const told: number[] = [];
    discovery.onChange(({ found }) => told.push(found.length));
    discovery.start();
    expect(discovery.state).toEqual({ enabled: false, problem: null, found: [] });
    expect(responders).toEqual([]);
    enabled = true;
    settings.emit();
    const [responder] = responders;
    expect(responder?.announced).toMatchObject([{ name: 'Office agent 22222222', port: 8290 }]);
    responder?.seen.emit([seen(announcementOf(OTHER, AGENT))]);
    responder?.seen.emit([seen(announcementOf(OTHER, AGENT))]);
    expect(told).toEqual([0, 0, 1]);
    services = [];
    discovery.refresh();
    expect(responder?.announced).toEqual([]);
    responder?.problems.emit('The port is taken.');
    expect(discovery.state.problem).toBe('The port is taken.');
    enabled = false;
    settings.emit();
    expect(responder?.closed).toBe(true);
    responder?.seen.emit([seen(announcementOf(OTHER, AGENT))]);
    expect(discovery.state).toEqual({ enabled: false, problem: null, found: [] });
    discovery.close();
    enabled = true;
    settings.emit();
    expect(responders).toHaveLength(1);
  });
});

describe('ports that are asked', () => {
  it('are those that were named, once each', () => {
    expect(portsAsked('8188-8191, 8200,8190')).toEqual([8188, 8189, 8190, 8191, 8200]);
    expect(portsAsked('65535')).toEqual([65_535]);
    expect(portsAsked('1-64')).toHaveLength(64);
  });

  it.each(['', '0', '8188-', '8191-8188', '70000', '8188;rm', '1-65', '1-40,100-140', '1-65535', ' '])(
    'are refused in words: “%s”',
    (text) => {
      expect(() => portsAsked(text)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
    },
  );
});
