// A stand-in for nvidia-smi whose mood is the text of the file named by FAKE_SMI; it counts its starts beside it.
import { appendFileSync, readFileSync } from 'node:fs';

const file = process.env.FAKE_SMI;
const mood = () => readFileSync(file, 'utf8').trim();
const args = process.argv.slice(2).join(' ');
appendFileSync(
  `${file}.calls`,
  `${args.includes('--loop-ms') ? 'loop' : args.includes('mig.mode') ? 'inventory' : 'once'}\n`,
);
const uuids = () => (mood().startsWith('one') ? ['GPU-a'] : ['GPU-a', 'GPU-b']);
const telemetry = () =>
  uuids()
    .map((uuid) => `${uuid}, 100, 50, 40, [N/A], 300\n`)
    .join('');
const inventory = () =>
  uuids()
    .map((uuid, index) => `${index}, ${uuid}, 00000000:0${index}:00.0, 1000, 1.2, [N/A], Fake\n`)
    .join('');

if (mood() === 'hang') setInterval(() => {}, 1_000);
else if (mood() === 'rubbish') console.log('?'.repeat(100_000));
else if (args.includes('mig.mode')) process.stdout.write(inventory());
else if (args.includes('compute-apps')) process.stdout.write('42, GPU-b\n');
else if (!args.includes('--loop-ms')) process.stdout.write(telemetry());
else if (mood() === 'no-stream') process.exit(1);
else setInterval(() => mood() !== 'hang' && process.stdout.write(telemetry()), 30);
