import { execFileSync } from 'node:child_process';
import { photograph } from './electron.ts';
import { until } from './until.ts';

export type Answer = 'end' | 'leave' | 'cancel';

/** From the focused default button, in the dialog's order of buttons. */
const KEYS: Readonly<Record<Answer, readonly string[]>> = {
  end: ['Return'],
  leave: ['Tab', 'Return'],
  cancel: ['Escape'],
};

/** Answers the question before quitting with the keyboard, as a person would. */
export async function answerDialog(answer: Answer, screenshot?: string): Promise<void> {
  const find = (): string => {
    try {
      return execFileSync('xdotool', ['search', '--onlyvisible', '--class', 'comfy|electron'], {
        encoding: 'utf8',
      });
    } catch {
      return '';
    }
  };
  const windows = await until(
    'the question',
    () => find().trim().split('\n'),
    (ids) => ids.length > 1,
  );
  // The newest window has the highest id.
  const dialog = windows.map(Number).sort((a, b) => b - a)[0] ?? 0;
  execFileSync('xdotool', ['windowactivate', '--sync', String(dialog)]);
  if (screenshot !== undefined) photograph(screenshot);
  for (const key of KEYS[answer]) execFileSync('xdotool', ['key', '--delay', '80', key]);
}
