import os from 'node:os';
import { empty, json, type Routes } from '../http/exchange.ts';
import { objectInfo } from '../nodes/catalog.ts';
import type { ServerCore } from '../server-core.ts';
import { extensionScripts, indexPage } from './front-end.ts';

const MODEL_FOLDERS = [
  'checkpoints',
  'configs',
  'loras',
  'vae',
  'text_encoders',
  'diffusion_models',
  'clip_vision',
  'style_models',
  'embeddings',
  'diffusers',
  'vae_approx',
  'controlnet',
  'gligen',
  'upscale_models',
  'custom_nodes',
  'hypernetworks',
  'photomaker',
  'classifiers',
  'model_patches',
  'audio_encoders',
];
const MODEL_EXTENSIONS = ['.bin', '.ckpt', '.pkl', '.pt', '.pt2', '.pth', '.safetensors', '.sft'];
export const PYTHON_VERSION = '3.12.10 (main, Apr  9 2025, 04:03:51) [Clang 20.1.0 ]';
export const TORCH_VERSION = '2.9.1+cu128';

/** What a server tells about itself, its nodes and its models. */
export function infoRoutes(core: ServerCore): Routes {
  const { catalog, legacy, lists, options } = core;
  const models: Readonly<Record<string, readonly string[]>> = {
    checkpoints: lists.checkpoints,
    loras: lists.loras,
    diffusion_models: lists.diffusionModels,
    text_encoders: lists.textEncoders,
    vae: lists.vaes.filter((name) => name !== 'pixel_space'),
  };
  const modelsIn = (folder: string): readonly string[] | null => {
    if (!MODEL_FOLDERS.includes(folder)) return null;
    return models[folder] ?? [];
  };
  const newer: Routes = legacy
    ? {}
    : { 'GET /global_subgraphs': () => json({}), 'GET /node_replacements': () => json({}) };
  return {
    'GET /system_stats': () => json(systemStats(core)),
    'GET /features': () => json(core.features),
    'GET /object_info': () =>
      json(
        Object.fromEntries(
          [...catalog].map(([name, definition]) => [name, objectInfo(definition, legacy, lists)]),
        ),
      ),
    'GET /object_info/{node_class}': ({ parameters }) => {
      const definition = catalog.get(parameters['node_class'] ?? '');
      return json(
        definition === undefined ? {} : { [definition.name]: objectInfo(definition, legacy, lists) },
      );
    },
    'GET /embeddings': () => json([]),
    'GET /extensions': () => json(extensionScripts(options.frontEndRoot)),
    'GET /models': () => json(MODEL_FOLDERS),
    'GET /models/{folder}': ({ parameters }) => {
      const names = modelsIn(parameters['folder'] ?? '');
      return names === null ? empty(404) : json(names);
    },
    'GET /experiment/models': () => json(experimentFolders(legacy)),
    'GET /experiment/models/{folder}': ({ parameters }) => {
      const names = modelsIn(parameters['folder'] ?? '');
      return names === null
        ? empty(404)
        : json(
            names.map((name) => ({ name, pathIndex: 0, modified: 0, created: 0, size: sizeOf(core, name) })),
          );
    },
    'GET /view_metadata/{folder}': () => empty(404),
    'GET /workflow_templates': () => json({}),
    'GET /i18n': () => json({}),
    ...newer,
    'GET /': () => indexPage(options.frontEndRoot),
  };
}

function experimentFolders(legacy: boolean): unknown {
  const shown = MODEL_FOLDERS.filter((name) => name !== 'configs' && name !== 'custom_nodes');
  return shown.map((name) => ({ name, folders: [], ...(legacy ? {} : { extensions: MODEL_EXTENSIONS }) }));
}

/** Some gigabytes, the same on every server that was told nothing else. */
function sizeOf({ script }: ServerCore, name: string): number {
  const told = script.modelBytes?.[name];
  if (told !== undefined) return told;
  const sum = [...name].reduce((hash, letter) => (hash * 31 + (letter.codePointAt(0) ?? 0)) % 4093, 7);
  return (sum + 64) * 1_048_576;
}

function systemStats(core: ServerCore): unknown {
  const { device, options, legacy, version } = core;
  const [ramTotal, ramFree] = [os.totalmem(), os.freemem()];
  const newer = { comfy_package_versions: [], deploy_environment: 'local-git' };
  const free =
    device.gpu === null && core.cpu ? ramFree : Math.max(0, device.memoryTotal - device.memoryUsed);
  const named = core.cpu
    ? 'cpu'
    : `cuda:0 ${device.gpu?.name ?? 'NVIDIA GeForce RTX 4090'} : cudaMallocAsync`;
  return {
    system: {
      os: legacy ? 'posix' : process.platform,
      ram_total: ramTotal,
      ram_free: ramFree,
      comfyui_version: version,
      required_frontend_version: legacy ? '1.27.10' : '1.49.6',
      installed_templates_version: null,
      required_templates_version: legacy ? '0.1.95' : '0.11.44',
      ...(legacy ? {} : newer),
      python_version: PYTHON_VERSION,
      pytorch_version: core.cpu ? '2.9.1+cpu' : TORCH_VERSION,
      embedded_python: false,
      argv: options.argv,
    },
    devices: [
      {
        name: named,
        type: core.cpu ? 'cpu' : 'cuda',
        index: core.cpu ? null : 0,
        vram_total: device.memoryTotal,
        vram_free: free,
        torch_vram_total: core.cpu ? device.memoryTotal : device.memoryUsed,
        torch_vram_free: core.cpu ? free : 0,
      },
    ],
  };
}
