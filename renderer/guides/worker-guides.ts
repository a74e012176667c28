import { climbs, hasOne, runs, workersOf } from './checks.ts';
import { ask, authority, command, nextPort, openFirewall, startComfy } from './commands.ts';
import {
  ADD_WORKER,
  type Guide,
  type GuideCheck,
  type GuideFacts,
  type GuideStep,
  type GuideValues,
} from './guide.ts';

/** Workers on this machine and on other ones of the network. Pure. */

export function localGuide({ setup, gpus, instances }: GuideFacts): Guide {
  const workers = workersOf(instances, 'local');
  return {
    id: 'local',
    title: 'Workers on this machine',
    intro:
      'One ComfyUI for each GPU, all out of one folder: they share its models, and nothing is installed twice.',
    fields: [],
    steps: [
      {
        title: 'A ComfyUI to start them from',
        text: 'Its folder and its Python are looked for by themselves; you can name another one.',
        action: { kind: 'dialog', label: 'Set up ComfyUI…', dialog: { kind: 'onboarding' } },
        check:
          setup.status === 'configured'
            ? { done: true, words: `ComfyUI ${setup.install.version ?? ''} in ${setup.install.root}.` }
            : { done: false, words: 'No ComfyUI is set up: the demo fleet stands in for it.' },
      },
      gpuStep(gpus),
      {
        title: 'Add a worker',
        text: 'It needs a name, a free port and its GPU; the dialog suggests all three and shows the command that will be started.',
        action: ADD_WORKER,
        check: hasOne(workers, 'local worker'),
      },
      {
        title: 'Launch it',
        text: 'With the button on its card, or all at once. Its log says what it is doing.',
        commands: [command('Command line', ['npx', 'ensemble', 'start', '--all'])],
        check: runs(workers),
      },
    ],
  };
}

function gpuStep(gpus: number): GuideStep {
  return {
    title: 'A GPU for each',
    text: 'On first use there is one worker for every GPU but the master’s. Without a GPU a worker computes on the processor: slowly, but it does.',
    commands: [command('What the driver sees', ['nvidia-smi', '-L'])],
    check:
      gpus === 0
        ? { done: false, words: 'No GPU was found.' }
        : { done: true, words: `${gpus} ${gpus === 1 ? 'GPU was' : 'GPUs were'} found.` },
  };
}

export function remoteGuide({ instances }: GuideFacts, values: GuideValues): Guide {
  const workers = workersOf(instances, 'remote');
  return {
    id: 'remote',
    title: 'Another machine of your network',
    intro:
      'It needs a plain ComfyUI and nothing else: no plugin, no address of this machine, no --enable-cors-header.',
    fields: ['host', 'port', 'folder'],
    steps: [
      {
        title: 'Start ComfyUI there',
        text: 'With --listen it answers other machines. It asks nobody for a password: do this only in a network that you trust.',
        commands: startComfy(values, true),
      },
      {
        title: 'Let its port through the firewall there',
        text: 'One of these, if there is a firewall. Wi-Fi for guests often keeps machines apart as well.',
        commands: openFirewall(values.port),
      },
      {
        title: 'See whether it answers',
        text: 'It should print a few lines about the machine. “Connection refused”: --listen is missing. Nothing at all: the firewall.',
        commands: [ask(`http://${authority(values)}`)],
      },
      added('remote', values, hasOne(workers, 'remote worker')),
      ladder(climbs(workers, 'remote worker')),
      {
        title: 'Its other GPUs',
        text: 'Each gets a ComfyUI and a port of its own, and becomes a worker of its own. Or run “ensemble agent” there, which starts and stops them from here.',
        commands: startComfy({ ...values, port: nextPort(values.port) }, true, '1'),
      },
    ],
  };
}

export function added(
  type: 'remote' | 'cloud',
  { host, port }: Pick<GuideValues, 'host' | 'port'>,
  check: GuideCheck,
): GuideStep {
  const place = ['--type', type, '--host', host, '--port', port];
  return {
    title: 'Add it here',
    text: 'Paste the address whole: the dialog takes it apart, and its Test says at once what is wrong.',
    commands: [command('Command line', ['npx', 'ensemble', 'workers', 'add', ...place])],
    action: ADD_WORKER,
    check,
  };
}

export function ladder(check: GuideCheck): GuideStep {
  return {
    title: 'Wait for its ladder',
    text: 'Reachable, a ComfyUI, with the node classes, with the models, and files come back as they went. Its card names the rung that does not hold.',
    check,
  };
}
