import { nativeTheme } from 'electron';
import type { ThemeChoice } from '../../shared/settings.ts';

/** The page's own --bg, so that no white flashes before it has painted. */
const BACKGROUND = { dark: '#151619', light: '#f3f4f6' } as const;

/** Native parts (title bar, dialogs, menus) and the page's prefers-color-scheme follow the setting. */
export function applyTheme(choice: ThemeChoice): void {
  nativeTheme.themeSource = choice;
}

export function backgroundColor(): string {
  return nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light;
}
