import { EnsembleError } from '../../../shared/errors.ts';
import type { KubernetesProviderSettings, LeaseId } from '../../../shared/providers.ts';
import { parseArguments } from '../supervisor/arguments.ts';
import { tagOf } from './provider.ts';

/** What is made in the cluster for one lease. All of it is named and labelled by the lease. */

export const CONTROLLER_LABEL = 'comfy-ensemble/controller';
export const LEASE_LABEL = 'comfy-ensemble/lease';
export const COMFY_PORT = 8188;
/** A pod that its time has run out on may end by itself only after we have had ours to end it. */
const GRACE_SECONDS = 300;

export interface ManifestOptions {
  readonly settings: KubernetesProviderSettings;
  readonly controller: string;
  readonly key: LeaseId;
  readonly ttlMinutes: number;
  readonly environment: Readonly<Record<string, string>>;
}

export function labelsOf(controller: string, key: LeaseId): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/name': 'comfyui',
    'app.kubernetes.io/managed-by': 'comfy-ensemble',
    [CONTROLLER_LABEL]: controller,
    [LEASE_LABEL]: key,
  };
}

export function podOf({ settings, controller, key, ttlMinutes, environment }: ManifestOptions): unknown {
  const { image, gpus, modelClaim, modelPath } = settings;
  const args = argsOf(settings);
  const models = { name: 'models', mountPath: modelPath };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${tagOf(controller)}${key}`, labels: labelsOf(controller, key) },
    spec: {
      // The dead-man's switch: the cluster ends it, whatever has become of us.
      activeDeadlineSeconds: ttlMinutes * 60 + GRACE_SECONDS,
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 10,
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'comfyui',
          image,
          ...(args.length === 0 ? {} : { args }),
          ports: [{ name: 'http', containerPort: COMFY_PORT }],
          env: Object.entries(environment).map(([name, value]) => ({ name, value })),
          ...(gpus === 0 ? {} : { resources: { limits: { 'nvidia.com/gpu': gpus } } }),
          readinessProbe: {
            httpGet: { path: '/system_stats', port: COMFY_PORT },
            periodSeconds: 5,
            timeoutSeconds: 5,
          },
          ...(modelClaim === '' ? {} : { volumeMounts: [models] }),
        },
      ],
      ...(modelClaim === ''
        ? {}
        : { volumes: [{ name: 'models', persistentVolumeClaim: { claimName: modelClaim } }] }),
    },
  };
}

/** @param podUid whose owner it is: with the pod the cluster removes this too */
export function serviceOf({ controller, key }: ManifestOptions, podUid: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(controller, key, podUid),
    spec: {
      selector: { [CONTROLLER_LABEL]: controller, [LEASE_LABEL]: key },
      ports: [{ name: 'http', port: COMFY_PORT, targetPort: COMFY_PORT }],
    },
  };
}

export function ingressOf({ settings, controller, key }: ManifestOptions, podUid: string): unknown {
  const name = `${tagOf(controller)}${key}`;
  const host = ingressHostOf(settings, name);
  const backend = { service: { name, port: { number: COMFY_PORT } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: ownedMetadata(controller, key, podUid),
    spec: {
      tls: [{ hosts: [host] }],
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  };
}

export function ingressHostOf({ ingressHost }: KubernetesProviderSettings, name: string): string {
  return ingressHost.replaceAll('{name}', name);
}

function ownedMetadata(controller: string, key: LeaseId, uid: string) {
  const name = `${tagOf(controller)}${key}`;
  return {
    name,
    labels: labelsOf(controller, key),
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid }],
  };
}

function argsOf({ args }: KubernetesProviderSettings): readonly string[] {
  const parsed = parseArguments(args, 'linux');
  if ('problem' in parsed) throw EnsembleError.badArgument('args', parsed.problem);
  return parsed.argv;
}
