import { HOST_NAME, MOST_GATEWAY_NAMES } from '../../../shared/settings.ts';
import { readNames } from '../../gateway/gateway-words.ts';
import { DraftField } from '../draft-field.tsx';
import type { SaveGateway } from './gateway-section.tsx';

export function GatewayNames({
  names,
  save,
}: {
  readonly names: readonly string[];
  readonly save: SaveGateway;
}) {
  const saved = names.join(', ');
  const read = (text: string) => readNames(text, HOST_NAME, MOST_GATEWAY_NAMES);
  return (
    <DraftField
      label="Further names"
      hint="Under which browsers reach it through a proxy or your own DNS, with commas. Whoever comes by these needs the token."
      placeholder="gpu.example.com"
      code
      saved={saved}
      problemOf={(text) => read(text).problem}
      onCommit={(text) => {
        const reading = read(text);
        if (reading.names.join(', ') !== saved) save({ gatewayNames: reading.names });
      }}
    />
  );
}
