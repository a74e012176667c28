import type { DoctorFinding } from '../../../shared/contract.ts';
import type { DoctorFacts, ElectronFacts, GpuFacts, PortFact, PythonFact } from './facts.ts';

const GIGABYTE = 1e9;
/** A night of pictures, and the data directory's own files. */
const LITTLE_DISK = 10 * GIGABYTE;
const NO_DISK = 1 * GIGABYTE;
/** The least that current ComfyUI versions run on. */
const LEAST_PYTHON: readonly [number, number] = [3, 9];

/** Judges the facts; pure, so that every sentence can be tested without the machine that earns it. */
export function findingsOf(facts: DoctorFacts): readonly DoctorFinding[] {
  return [
    ...aboutGpus(facts.gpus),
    ...aboutInstalls(facts),
    ...facts.pythons.map(aboutPython),
    ...facts.ports.map(aboutPort),
    aboutDisk(facts),
    aboutData(facts),
    aboutElectron(facts.electron),
  ];
}

function aboutGpus(facts: GpuFacts): readonly DoctorFinding[] {
  if (facts.status === 'failed') return [finding('gpus', 'warning', facts.message, facts.hint)];
  const gpus = facts.gpus.map((gpu): DoctorFinding => {
    const label = `GPU ${gpu.index}: ${gpu.name}`;
    if (gpu.health === 'lost') {
      return finding(
        'gpus',
        'problem',
        `${label} is lost.`,
        'Restart the computer; check its power and seat.',
      );
    }
    return finding('gpus', 'ok', `${label}, ${gigabytes(gpu.memoryTotal)} (${gpu.uuid})`);
  });
  const driver =
    facts.driver === null
      ? finding('driver', 'warning', `${facts.command} does not tell the driver's version.`)
      : finding('driver', 'ok', `NVIDIA driver ${facts.driver} (${facts.command})`);
  return [...gpus, driver];
}

function aboutInstalls({ installs }: DoctorFacts): readonly DoctorFinding[] {
  const found = installs.found.map((install) =>
    finding('comfyui', 'ok', `ComfyUI ${install.version ?? '(version unknown)'} in ${install.root}`),
  );
  const rejected = installs.rejected.map(({ message, hint }) => finding('comfyui', 'problem', message, hint));
  if (found.length > 0 || rejected.length > 0) return [...found, ...rejected];
  const text = 'No ComfyUI was found in the usual places.';
  return [finding('comfyui', 'warning', text, 'Name its folder with COMFYUI_PATH, or pick it on the page.')];
}

function aboutPython({ python, version }: PythonFact): DoctorFinding {
  if (version === null) {
    return finding('python', 'problem', `${python} does not run.`, 'Repair or reinstall that Python.');
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < LEAST_PYTHON[0] || (major === LEAST_PYTHON[0] && minor < LEAST_PYTHON[1]);
  const text = `Python ${version} (${python})`;
  if (!isOld) return finding('python', 'ok', text);
  return finding(
    'python',
    'problem',
    `${text} is too old for ComfyUI.`,
    `Use ${LEAST_PYTHON.join('.')} or newer.`,
  );
}

function aboutPort({ port, purpose, taken, owner }: PortFact): DoctorFinding {
  if (!taken) return finding('ports', 'ok', `Port ${port} (${purpose}) is free.`);
  if (owner === 'ensemble')
    return finding('ports', 'ok', `Port ${port} (${purpose}) is in use by Comfy Ensemble.`);
  if (owner === 'comfyui') {
    return finding('ports', 'ok', `Port ${port} (${purpose}): a ComfyUI already answers there.`);
  }
  const text = `Port ${port} (${purpose}) is taken by another program.`;
  return finding('ports', 'warning', text, 'Comfy Ensemble takes the next free one, or end that program.');
}

function aboutDisk({ disk, data }: DoctorFacts): DoctorFinding {
  if (disk === null) {
    return finding('disk', 'warning', `The free space for ${data.directory} cannot be told.`);
  }
  const text = `${gigabytes(disk.free)} of ${gigabytes(disk.total)} free for ${data.directory}`;
  if (disk.free < NO_DISK)
    return finding('disk', 'problem', text, 'Free some space, or move it with --data.');
  if (disk.free < LITTLE_DISK) return finding('disk', 'warning', text, 'Pictures will soon fill this disk.');
  return finding('disk', 'ok', text);
}

function aboutData({ data }: DoctorFacts): DoctorFinding {
  if (data.problem === null) return finding('data', 'ok', `Data directory ${data.directory}`);
  return finding(
    'data',
    'problem',
    `${data.directory} cannot be used: ${data.problem}.`,
    'Give another with --data.',
  );
}

function aboutElectron({ version, hasDisplay }: ElectronFacts): DoctorFinding {
  if (version === null) {
    const text = 'Electron has not been fetched yet.';
    return finding('electron', 'warning', text, '`npm start` fetches it; `npm run serve` does without it.');
  }
  if (hasDisplay) return finding('electron', 'ok', `Electron ${version}`);
  const text = `Electron ${version}, but there is no display.`;
  return finding('electron', 'warning', text, 'Use `npm run serve` and a browser.');
}

function finding(
  topic: DoctorFinding['topic'],
  level: DoctorFinding['level'],
  text: string,
  hint: string | null = null,
): DoctorFinding {
  return { topic, level, text, hint };
}

function gigabytes(bytes: number): string {
  return `${(bytes / GIGABYTE).toFixed(1)} GB`;
}
