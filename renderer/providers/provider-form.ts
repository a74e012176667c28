import type { CredentialName, ProviderKind, ProviderSettings } from '../../shared/providers.ts';

/** What a new provider begins with. */
export function emptyProvider(kind: ProviderKind): ProviderSettings {
  switch (kind) {
    case 'command':
      return {
        ...{
          kind,
          id: '',
          name: 'Command',
          readyMinutes: 30,
          start: '',
          stop: '',
          list: '',
          pricePerHour: 0,
        },
      };
    case 'kubernetes':
      return {
        ...{ kind, id: '', name: 'Kubernetes', readyMinutes: 20, kubeconfig: '', context: '', namespace: '' },
        ...{ image: '', args: '', gpus: 1, modelClaim: '', modelPath: '', ingressHost: '', pricePerHour: 0 },
      };
    case 'runpod':
      return {
        ...{ kind, id: '', name: 'RunPod', readyMinutes: 20, image: '', templateId: '', startCommand: '' },
        ...{ networkVolume: '', volumePath: '/workspace', cloud: 'SECURE', gpus: [], diskGb: 50 },
      };
  }
}

export const CREDENTIAL_WORDS: Readonly<
  Record<CredentialName, { readonly label: string; readonly hint: string }>
> = {
  apiKey: { label: 'API key', hint: 'From the RunPod console, with the right to read and write pods.' },
  environment: {
    label: 'Environment',
    hint: 'One NAME=value a line, e.g. CIVITAI_API_TOKEN=… or HF_API_TOKEN=…; kept among the secrets.',
  },
};

/** Lists as people write them: with commas or line breaks. */
export function readList(text: string): readonly string[] {
  return text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
