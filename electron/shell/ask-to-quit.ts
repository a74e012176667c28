import { type BrowserWindow, dialog } from 'electron';
import type { QuitChoice, QuitQuestion } from './quit-decision.ts';

const CHOICES: readonly QuitChoice[] = ['end', 'leave', 'cancel'];

export async function askToQuit(window: BrowserWindow, question: QuitQuestion): Promise<QuitChoice> {
  const options = {
    type: 'question' as const,
    ...question,
    buttons: ['Stop servers and quit', 'Quit, leave servers running', 'Cancel'],
    defaultId: 0,
    cancelId: CHOICES.indexOf('cancel'),
    noLink: true,
  };
  // Attached to a hidden window it could not be seen.
  const { response } = window.isVisible()
    ? await dialog.showMessageBox(window, options)
    : await dialog.showMessageBox(options);
  return CHOICES[response] ?? 'cancel';
}
