/** A workflow that samples for minutes, with the first checkpoint that this server has. */
export async function longPrompt(url: string): Promise<unknown> {
  const info = (await (await fetch(`${url}/object_info/CheckpointLoaderSimple`)).json()) as {
    CheckpointLoaderSimple: { input: { required: { ckpt_name: [readonly string[]] } } };
  };
  const [ckpt_name] = info.CheckpointLoaderSimple.input.required.ckpt_name[0];
  const text = { class_type: 'CLIPTextEncode', inputs: { text: 'a lighthouse', clip: ['1', 1] } };
  const sampling = { seed: 1, steps: 10_000, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 };
  return {
    '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name } },
    '2': text,
    '3': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
    '4': {
      class_type: 'KSampler',
      inputs: {
        ...sampling,
        model: ['1', 0],
        positive: ['2', 0],
        negative: ['2', 0],
        latent_image: ['3', 0],
      },
    },
    '5': { class_type: 'VAEDecode', inputs: { samples: ['4', 0], vae: ['1', 2] } },
    '6': { class_type: 'SaveImage', inputs: { images: ['5', 0], filename_prefix: 'long' } },
  };
}
