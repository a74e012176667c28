import type { NodeCatalog } from '../graph/catalog.ts';
import { comboValues, inputSpecs } from '../graph/input-spec.ts';
import { MODEL_FILE } from '../graph/requirements.ts';
import { withSlashes } from './model-place.ts';

/** From which folder a node loads a model. /object_info lists the files, but does not say where they are. */

/** Inputs whose name means a folder in every node pack that was looked at. */
const BY_INPUT: readonly (readonly [pattern: RegExp, folder: string])[] = [
  [/^ckpt_name$/, 'checkpoints'],
  [/^lora_name(?:_?\d+)?$/, 'loras'],
  [/^vae_name$/, 'vae'],
  [/^unet_name$/, 'diffusion_models'],
  [/^clip_name\d?$/, 'text_encoders'],
  [/^control_net_name$/, 'controlnet'],
  [/^style_model_name$/, 'style_models'],
  [/^gligen_name$/, 'gligen'],
  [/^hypernetwork_name$/, 'hypernetworks'],
  [/^audio_encoder_name$/, 'audio_encoders'],
  [/^photomaker_model_name$/, 'photomaker'],
];

/** ComfyUI's own nodes whose inputs have names that say nothing, or something else. */
const BY_CLASS: Readonly<Record<string, string>> = {
  'CLIPVisionLoader.clip_name': 'clip_vision',
  'FrameInterpolationModelLoader.model_name': 'frame_interpolation',
  'LatentUpscaleModelLoader.model_name': 'latent_upscale_models',
  'LoadBackgroundRemovalModel.bg_removal_name': 'background_removal',
  'LoadDA3Model.model_name': 'geometry_estimation',
  'LoadMediaPipeFaceLandmarker.model_name': 'detection',
  'LoadMoGeModel.model_name': 'geometry_estimation',
  'LTXAVTextEncoderLoader.text_encoder': 'text_encoders',
  'ModelPatchLoader.name': 'model_patches',
  'OpticalFlowLoader.model_name': 'optical_flow',
  'TrainLoraNode.existing_lora': 'loras',
  'UpscaleModelLoader.model_name': 'upscale_models',
};

/** Loaders of one kind of file, for workflows of the page while nobody tells the names of their inputs. */
const ONE_KIND: Readonly<Record<string, string>> = {
  CheckpointLoaderSimple: 'checkpoints',
  CLIPLoader: 'text_encoders',
  CLIPVisionLoader: 'clip_vision',
  ControlNetLoader: 'controlnet',
  DualCLIPLoader: 'text_encoders',
  LoraLoader: 'loras',
  LoraLoaderModelOnly: 'loras',
  UNETLoader: 'diffusion_models',
  UpscaleModelLoader: 'upscale_models',
  VAELoader: 'vae',
};

/** @returns null when neither class nor input say it */
export function folderOfInput(className: string, input: string): string | null {
  const key = `${className}.${input}`;
  if (Object.hasOwn(BY_CLASS, key)) return BY_CLASS[key] ?? null;
  return BY_INPUT.find(([pattern]) => pattern.test(input))?.[1] ?? null;
}

/** The folder of a class whose inputs are not known by name. @returns null when it may load from several */
export function folderOfClass(className: string): string | null {
  return Object.hasOwn(ONE_KIND, className) ? (ONE_KIND[className] ?? null) : null;
}

/** The model files that an input offers on a server; empty when it has no such list. */
export function offeredFiles(catalog: NodeCatalog, className: string, input: string): readonly string[] {
  const definition = catalog.find(className);
  if (definition === null) return [];
  for (const { name, spec } of inputSpecs(definition, () => null)) {
    if (name !== input) continue;
    const values = comboValues(spec) ?? [];
    return values.filter((value) => typeof value === 'string' && MODEL_FILE.test(value)).map(String);
  }
  return [];
}

/**
 * The folder that holds all that an input offers: the one with the fewest other files, when no second is as small.
 * @param folders name → its files, all of one server
 */
export function folderWith(
  offered: readonly string[],
  folders: ReadonlyMap<string, readonly string[]>,
): string | null {
  if (offered.length === 0) return null;
  const fitting = [...folders].filter(([, files]) => {
    const names = new Set(files.map(withSlashes));
    return offered.every((name) => names.has(withSlashes(name)));
  });
  const sizes = fitting.map(([, files]) => files.length);
  const least = Math.min(...sizes);
  const closest = fitting.filter(([, files]) => files.length === least);
  return closest.length === 1 ? (closest[0]?.[0] ?? null) : null;
}
