import type { FieldProblem } from '../../../shared/errors.ts';
import type { ProviderSettings } from '../../../shared/providers.ts';
import { parseArguments } from '../supervisor/arguments.ts';

/** A DNS name with {name} as, or in, its first part. */
const INGRESS_HOST = /^[a-z0-9-]*\{name\}[a-z0-9-]*(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i;

/** What is wrong with a provider before it is saved, each beside its field. */
export function problemsOf(
  provider: ProviderSettings,
  others: readonly ProviderSettings[],
  platform: NodeJS.Platform,
): readonly FieldProblem[] {
  const isTaken = others.some(({ id, name }) => id !== provider.id && name === provider.name.trim());
  const own = isTaken ? [{ field: 'name', message: `There is already a provider “${provider.name}”.` }] : [];
  return [...own, ...kindProblems(provider, platform)];
}

function kindProblems(provider: ProviderSettings, platform: NodeJS.Platform): readonly FieldProblem[] {
  switch (provider.kind) {
    case 'command':
      return [
        ...lineProblems('start', provider.start, platform, true),
        ...lineProblems('stop', provider.stop, platform, true),
        ...lineProblems('list', provider.list, platform, false),
      ];
    case 'kubernetes': {
      const { ingressHost, modelClaim, modelPath } = provider;
      return [
        ...(provider.image.trim() === ''
          ? [{ field: 'image', message: 'Enter an image that starts ComfyUI.' }]
          : []),
        ...lineProblems('args', provider.args, 'linux', false),
        ...(ingressHost === '' || INGRESS_HOST.test(ingressHost)
          ? []
          : [
              {
                field: 'ingressHost',
                message: 'Write a host name with {name}, e.g. {name}.gpu.example.com.',
              },
            ]),
        ...(modelClaim === '' ? [] : pathProblems('modelPath', modelPath)),
      ];
    }
    case 'runpod': {
      const { image, templateId, networkVolume, volumePath } = provider;
      return [
        ...(image === '' && templateId === ''
          ? [{ field: 'image', message: 'Enter an image or a template that starts ComfyUI on port 8188.' }]
          : []),
        ...(networkVolume === '' ? [] : pathProblems('volumePath', volumePath)),
      ];
    }
  }
}

function pathProblems(field: string, path: string): readonly FieldProblem[] {
  return path.startsWith('/')
    ? []
    : [{ field, message: 'Write a path that begins with “/”, e.g. /workspace.' }];
}

function lineProblems(
  field: string,
  line: string,
  platform: NodeJS.Platform,
  isNeeded: boolean,
): readonly FieldProblem[] {
  const parsed = parseArguments(line, platform);
  if ('problem' in parsed) return [{ field, message: parsed.problem }];
  return isNeeded && parsed.argv.length === 0 ? [{ field, message: `Enter the ${field} command.` }] : [];
}
