import { useState } from 'react';
import type { RunPodCloud, RunPodProviderSettings } from '../../shared/providers.ts';
import { SelectField } from '../components/select-field.tsx';
import { TextField } from '../components/text-field.tsx';
import { CountField } from './number-fields.tsx';
import type { KindFieldsProps } from './provider-dialog.tsx';
import { readList } from './provider-form.ts';

const CLOUDS: readonly { readonly value: RunPodCloud; readonly label: string }[] = [
  { value: 'SECURE', label: 'Secure Cloud' },
  { value: 'COMMUNITY', label: 'Community Cloud' },
];
type TextKey = 'image' | 'templateId' | 'startCommand' | 'networkVolume' | 'volumePath';

export function RunPodFields({ draft, problemOf, onChange }: KindFieldsProps<RunPodProviderSettings>) {
  const [gpus, setGpus] = useState(draft.gpus.join(', '));
  const text = (key: TextKey, label: string, hint?: string, placeholder?: string) => (
    <TextField
      label={label}
      {...(hint === undefined ? {} : { hint })}
      {...(placeholder === undefined ? {} : { placeholder })}
      code
      value={draft[key]}
      problem={problemOf(key)}
      onChange={(value) => onChange({ ...draft, [key]: value })}
    />
  );
  return (
    <>
      {text('image', 'Image', 'Starts ComfyUI on port 8188 for every address.', 'org/comfyui:1.2')}
      <div className="provider-pair">
        {text('templateId', 'Template', 'In place of an image, or with it.')}
        <SelectField
          label="Cloud"
          value={draft.cloud}
          options={CLOUDS}
          onChange={(value) => onChange({ ...draft, cloud: value === 'COMMUNITY' ? 'COMMUNITY' : 'SECURE' })}
        />
        {text('networkVolume', 'Network volume', 'With your models; optional.')}
        {text('volumePath', 'Mounted at')}
      </div>
      {text(
        'startCommand',
        'Start command',
        'What starts ComfyUI in that image. With it the pod ends itself when its time is over, even if this app is off; without it only this app ends it.',
        'python /workspace/ComfyUI/main.py --listen 0.0.0.0 --port 8188',
      )}
      <div className="provider-pair">
        <TextField
          label="GPU types"
          hint="Only these, with commas; empty: all."
          placeholder="NVIDIA GeForce RTX 4090"
          value={gpus}
          onChange={(value) => {
            setGpus(value);
            onChange({ ...draft, gpus: readList(value) });
          }}
        />
        <CountField
          label="Disk, GB"
          value={draft.diskGb}
          onChange={(diskGb) => onChange({ ...draft, diskGb })}
        />
      </div>
    </>
  );
}
