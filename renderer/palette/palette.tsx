import { Command } from 'cmdk';
import { useMemo, useState } from 'react';
import { Dialog } from '../components/dialog.tsx';
import { Shortcut } from '../components/shortcut.tsx';
import { useServices } from '../store/services.ts';
import { type PaletteCommand, paletteCommands } from './commands.ts';
import './palette.css';

/** Rows shown at once: a fleet of 500 has thousands of commands, typing narrows them. */
const MOST_SHOWN = 60;

/** All words of the query occur, in any order. */
export function matchCommands(commands: readonly PaletteCommand[], query: string): readonly PaletteCommand[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return commands
    .filter((command) => words.every((word) => command.label.toLowerCase().includes(word)))
    .slice(0, MOST_SHOWN);
}

export function Palette({ onClose }: { readonly onClose: () => void }) {
  const services = useServices();
  const [query, setQuery] = useState('');
  // Read once: the list must not change under the pointer while it is open.
  const commands = useMemo(() => paletteCommands(services), [services]);
  const shown = matchCommands(commands, query);
  const groups = [...new Set(shown.map((command) => command.group))];
  return (
    <Dialog bare size="m" className="palette" title="Command palette" onClose={onClose}>
      <Command label="Commands" shouldFilter={false} loop>
        <Command.Input
          className="palette-input"
          data-autofocus=""
          placeholder="Type a command or an instance…"
          value={query}
          onValueChange={setQuery}
        />
        <Command.List className="palette-list" label="Commands">
          <Command.Empty className="palette-empty">
            Nothing matches. Try the name of an instance, or “launch”.
          </Command.Empty>
          {groups.map((group) => (
            <Command.Group key={group} heading={group}>
              {shown
                .filter((command) => command.group === group)
                .map((command) => (
                  <PaletteItem key={command.id} command={command} onClose={onClose} />
                ))}
            </Command.Group>
          ))}
        </Command.List>
      </Command>
    </Dialog>
  );
}

function PaletteItem({
  command,
  onClose,
}: {
  readonly command: PaletteCommand;
  readonly onClose: () => void;
}) {
  const Icon = command.icon;
  return (
    <Command.Item
      className="palette-item"
      value={command.id}
      onSelect={() => {
        onClose();
        command.run();
      }}
    >
      <span className="menu-icon">{Icon && <Icon size={14} strokeWidth={1.8} aria-hidden="true" />}</span>
      <span className="menu-label">{command.label}</span>
      {command.shortcut !== undefined && <Shortcut keys={command.shortcut} />}
    </Command.Item>
  );
}
