import type { EventName, EventSource, Events } from '../../shared/contract.ts';
import type { Parts } from './control-center-parts.ts';

/** Events for the transports, each from the part that knows it. */
export function createEventSource(parts: Parts): EventSource {
  const { state, telemetry, notices, store, feed, gatewayFeed, remoteTests, machines, options } = parts;
  const sources: { readonly [E in EventName]: (listener: (payload: Events[E]) => void) => () => void } = {
    fleet: (listener) => state.onPatch(listener),
    telemetry: (listener) => telemetry.onSample(listener),
    notice: (listener) => notices.onNotice(listener),
    settings: (listener) => store.onChange(listener),
    runs: (listener) => feed.onRuns(listener),
    shards: (listener) => feed.onShards(listener),
    artifact: (listener) => feed.onArtifact(listener),
    gateway: (listener) => gatewayFeed.onStatus(listener),
    climb: (listener) => remoteTests.onProgress(listener),
    tunnel: (listener) => parts.tunnel.onStatus(listener),
    providers: (listener) => parts.providers.onState(listener),
    agents: (listener) => machines.agents.onChange(() => listener(machines.agents.list)),
    discovery: (listener) => machines.discovery.onChange(listener),
    editor: (listener) => options.host.editor?.onState(listener) ?? (() => {}),
  };
  return { on: (event, listener) => sources[event](listener) };
}
