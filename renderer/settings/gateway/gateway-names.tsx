import { useEffect, useState } from 'react';
import { HOST_NAME, MOST_GATEWAY_NAMES } from '../../../shared/settings.ts';
import { TextField } from '../../components/text-field.tsx';
import { readNames } from '../../gateway/gateway-words.ts';
import type { SaveGateway } from './gateway-section.tsx';

/** Saved when it is left or Enter is pressed, like numbers. */
export function GatewayNames({
  names,
  save,
}: {
  readonly names: readonly string[];
  readonly save: SaveGateway;
}) {
  const saved = names.join(', ');
  const [text, setText] = useState(saved);
  useEffect(() => setText(saved), [saved]);
  const reading = readNames(text, HOST_NAME, MOST_GATEWAY_NAMES);
  const commit = (): void => {
    if (reading.problem === null && reading.names.join(', ') !== saved) save({ gatewayNames: reading.names });
  };
  return (
    <TextField
      label="Further names"
      hint="Under which browsers reach it through a proxy or your own DNS, with commas. Whoever comes by these needs the token."
      placeholder="gpu.example.com"
      code
      value={text}
      problem={reading.problem}
      onChange={setText}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
        if (event.key === 'Escape') setText(saved);
      }}
    />
  );
}
