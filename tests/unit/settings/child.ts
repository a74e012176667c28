import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { DataDirectory } from '../../../electron/core/settings/data-directory.ts';
import { SettingsStore } from '../../../electron/core/settings/store.ts';

// `child.cjs write DIR`: changes the settings for ever. `child.cjs hold DIR`: takes the data directory and keeps it.
async function main(): Promise<void> {
  const [, , what, directory = ''] = process.argv;
  if (what === 'write') await write(directory);
  else await hold(directory);
}

async function write(directory: string): Promise<void> {
  const store = await SettingsStore.open(directory, { clock: systemClock, logger: silentLogger });
  if (store.problems.length > 0) throw new Error(store.problems.join(' '));
  for (let first = true; ; first = false) {
    await store.update((settings) => {
      const count = Number(settings.master.extraArgs || 0) + 1;
      return { ...settings, master: { ...settings.master, extraArgs: String(count) } };
    });
    if (first) console.log('written');
  }
}

async function hold(directory: string): Promise<void> {
  try {
    const data = await DataDirectory.acquire(directory);
    await data.writeControlFile({ url: 'http://127.0.0.1:8288', token: 'secret', pid: process.pid });
    console.log('held');
    setInterval(() => {}, 60_000);
  } catch (error) {
    console.log(`refused ${error instanceof Error ? error.message : ''}`);
  }
}

void main();
