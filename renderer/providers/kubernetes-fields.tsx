import type { KubernetesProviderSettings } from '../../shared/providers.ts';
import { TextField } from '../components/text-field.tsx';
import { CountField, PriceField } from './number-fields.tsx';
import type { KindFieldsProps } from './provider-dialog.tsx';

type TextKey =
  | 'image'
  | 'args'
  | 'kubeconfig'
  | 'context'
  | 'namespace'
  | 'modelClaim'
  | 'modelPath'
  | 'ingressHost';

export function KubernetesFields({
  draft,
  problemOf,
  onChange,
}: KindFieldsProps<KubernetesProviderSettings>) {
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
      {text(
        'image',
        'Image',
        'Starts ComfyUI on port 8188 for every address.',
        'registry.example.com/comfyui:1',
      )}
      {text('args', 'Arguments', 'Optional, of the container.')}
      <div className="provider-pair">
        <CountField
          label="GPUs per worker"
          least={0}
          value={draft.gpus}
          onChange={(gpus) => onChange({ ...draft, gpus })}
        />
        <PriceField
          label="Price per hour, $"
          hint="The cluster does not tell one."
          value={draft.pricePerHour}
          onChange={(pricePerHour) => onChange({ ...draft, pricePerHour })}
        />
        {text('context', 'Context', 'Empty: the current one.')}
        {text('namespace', 'Namespace', 'Empty: that of the context.')}
        {text('modelClaim', 'Model volume', 'Name of a PersistentVolumeClaim; optional.')}
        {text('modelPath', 'Mounted at', undefined, '/opt/ComfyUI/models')}
      </div>
      {text('kubeconfig', 'Kubeconfig', 'Empty: $KUBECONFIG, ~/.kube/config, or this pod’s service account.')}
      {text(
        'ingressHost',
        'Ingress host',
        'Optional, with {name} in it. Empty: a port-forward through the API server, for this machine alone.',
        '{name}.gpu.example.com',
      )}
    </>
  );
}
