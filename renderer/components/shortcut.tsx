const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const MAC: Readonly<Record<string, string>> = { Mod: '⌘', Alt: '⌥', Shift: '⇧' };
const OTHER: Readonly<Record<string, string>> = { Mod: 'Ctrl' };

/** @param keys e.g. "Mod+K": Mod is Ctrl, or Command on a Mac */
export function Shortcut({ keys }: { readonly keys: string }) {
  const names = isMac ? MAC : OTHER;
  return (
    <span className="shortcut">
      {keys.split('+').map((key) => (
        <kbd key={key}>{names[key] ?? key}</kbd>
      ))}
    </span>
  );
}
