import { useLayoutEffect } from 'react';
import type { ThemeChoice } from '../../shared/settings.ts';
import { useSettings } from '../store/services.ts';

const LIGHT = window.matchMedia('(prefers-color-scheme: light)');

/** Sets data-theme on the page from the setting, or from the system and its changes. */
export function useTheme(): void {
  const choice = useSettings((state) => state.settings?.theme ?? 'system');
  useLayoutEffect(() => {
    const apply = (): void => applyTheme(choice);
    apply();
    LIGHT.addEventListener('change', apply);
    return () => LIGHT.removeEventListener('change', apply);
  }, [choice]);
}

export function applyTheme(choice: ThemeChoice): void {
  const system = LIGHT.matches ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = choice === 'system' ? system : choice;
}
