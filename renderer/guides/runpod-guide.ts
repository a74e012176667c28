import { climbs, hasOne, workersOf } from './checks.ts';
import { ask, command } from './commands.ts';
import type { Guide, GuideCommand, GuideFacts, GuideStep, GuideValues } from './guide.ts';
import { added, ladder } from './worker-guides.ts';

const HTTPS = '443';
const POD_HOST = /\.proxy\.runpod\.net$/i;

/** A rented GPU. Pure. */
export function runpodGuide({ instances }: GuideFacts, { pod, port }: GuideValues): Guide {
  const pods = workersOf(instances, 'cloud').filter(({ host }) => POD_HOST.test(host));
  const host = `${pod}-${port}.proxy.runpod.net`;
  return {
    id: 'runpod',
    title: 'RunPod',
    intro:
      'A rented GPU with a plain ComfyUI on it. This machine connects to it, so that it needs no address of yours.',
    fields: ['pod', 'port'],
    steps: [
      volume(),
      {
        title: 'A template with ComfyUI',
        text: `Any image that starts ComfyUI will do; the “ComfyUI Distributed” template works as well, its plugin is simply not used. “Expose HTTP ports” must name ${port}, and ComfyUI must be started like this:`,
        commands: [command('Start command', ['python', 'main.py', '--listen', '--port', port])],
      },
      {
        title: 'A machine whose driver fits',
        text: 'Filter the GPUs by CUDA version, under the additional filters: at least the one that the image was made for (12.8 for the template above). On an older driver the pod does not start, or ComfyUI finds no GPU.',
      },
      variables(),
      {
        title: 'Models onto the volume',
        text: 'Once, in a terminal of the pod. For the models of a workflow, the download script of Comfy Ensemble writes these lines for you.',
        commands: downloads(),
      },
      {
        title: 'See whether it answers',
        text: 'The id of the pod is in its address. Whoever knows that address can use the pod: do not pass it on.',
        commands: [ask(`https://${host}`)],
      },
      added('cloud', { host, port: HTTPS }, hasOne(pods, 'RunPod worker')),
      ladder(climbs(pods, 'RunPod worker')),
      {
        title: 'Stop paying',
        text: 'A pod costs as long as it runs, whether it computes or not. Terminate it in the console when you are done; the volume keeps the models.',
      },
    ],
  };
}

function volume(): GuideStep {
  return {
    title: 'A network volume for the models',
    text: 'In the console: Storage, New Network Volume. Begin with 40 GB; it can grow. It outlives every pod but stays in its data center: choose one that has the GPU you want. Pods find it at /workspace.',
  };
}

function variables(): GuideStep {
  return {
    title: 'Environment variables',
    text: 'Under “Edit template”. The two tokens are for downloads: keep them as secrets of your account and name the secrets here. SAGE_ATTENTION belongs to the template above and may stay away; where it is true, give ComfyUI --use-sage-attention too.',
    commands: [
      { label: 'Civitai', text: 'CIVITAI_API_TOKEN={{ RUNPOD_SECRET_civitai }}' },
      { label: 'Hugging Face', text: 'HF_API_TOKEN={{ RUNPOD_SECRET_huggingface }}' },
      { label: 'Faster attention', text: 'SAGE_ATTENTION=true' },
    ],
  };
}

function downloads(): readonly GuideCommand[] {
  const download = 'comfy --workspace /workspace/ComfyUI model download';
  return [
    {
      label: 'From Civitai',
      text: `${download} --url https://civitai.com/api/download/models/ID --relative-path models/checkpoints --set-civitai-api-token "$CIVITAI_API_TOKEN"`,
    },
    {
      label: 'From Hugging Face',
      text: `${download} --url https://huggingface.co/OWNER/REPOSITORY/resolve/main/FILE --relative-path models/checkpoints --set-hf-api-token "$HF_API_TOKEN"`,
    },
  ];
}
