import { EnsembleError } from '../../../shared/errors.ts';
import type { Credentials, ProviderId, ProviderSettings } from '../../../shared/providers.ts';
import type { Clock, Random } from '../ports.ts';
import { CommandProvider } from './command.ts';
import { KubernetesProvider } from './kubernetes.ts';
import type { WorkerProvider } from './provider.ts';
import { RunPodProvider } from './runpod.ts';

export interface ProviderSetDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly controller: string;
  readonly settings: () => readonly ProviderSettings[];
  readonly credentials: (id: ProviderId) => Credentials;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

export interface KnownProvider {
  readonly settings: ProviderSettings;
  readonly provider: WorkerProvider;
}

/** Where somebody else than RunPod answers in its place: a test, or a proxy of one's own. */
const RUNPOD_ADDRESS = 'ENSEMBLE_RUNPOD_URL';

/** The configured providers; one whose settings changed is made anew. */
export class ProviderSet {
  readonly #made = new Map<ProviderId, KnownProvider>();

  constructor(readonly deps: ProviderSetDeps) {}

  get all(): readonly KnownProvider[] {
    return this.deps.settings().map((settings) => this.#of(settings));
  }

  find(id: ProviderId): KnownProvider | null {
    const settings = this.deps.settings().find((one) => one.id === id);
    return settings === undefined ? null : this.#of(settings);
  }

  /** @throws EnsembleError('not-found') */
  get(id: ProviderId): KnownProvider {
    const found = this.find(id);
    if (found === null) {
      throw new EnsembleError(
        'not-found',
        `There is no provider “${id}”.`,
        '`ensemble providers list` names them.',
      );
    }
    return found;
  }

  #of(settings: ProviderSettings): KnownProvider {
    const known = this.#made.get(settings.id);
    if (known?.settings === settings) return known;
    const made = { settings, provider: this.#make(settings) };
    this.#made.set(settings.id, made);
    return made;
  }

  #make(settings: ProviderSettings): WorkerProvider {
    const { credentials, environment: processEnvironment, home, platform, ...rest } = this.deps;
    const environment = () => readEnvironment(credentials(settings.id).environment ?? '');
    switch (settings.kind) {
      case 'command':
        return new CommandProvider(settings, { ...rest, environment, platform, path: processEnvironment });
      case 'kubernetes':
        return new KubernetesProvider(settings, { ...rest, environment, processEnvironment, home });
      case 'runpod': {
        const baseUrl = processEnvironment[RUNPOD_ADDRESS];
        const apiKey = () => credentials(settings.id).apiKey ?? '';
        return new RunPodProvider(settings, {
          ...{ ...rest, environment, apiKey },
          ...(baseUrl === undefined ? {} : { baseUrl }),
        });
      }
    }
  }
}

/** Lines NAME=value; the value as it stands. @throws EnsembleError('bad-argument') that names the line */
export function readEnvironment(text: string): Readonly<Record<string, string>> {
  const entries = text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return [];
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (match === null) {
      const message = `Line ${index + 1} of the environment is not NAME=value.`;
      throw EnsembleError.badArgument('environment', message);
    }
    return [[match[1] ?? '', match[2] ?? '']];
  });
  return Object.fromEntries(entries);
}
