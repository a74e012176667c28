import { Dialog } from '../components/dialog.tsx';
import { Shortcut } from '../components/shortcut.tsx';
import { ACTION_ORDER, ACTION_WORDS } from '../fleet/instance-actions.ts';
import { VIEWS } from './views.ts';

const EVERYWHERE: readonly (readonly [string, string])[] = [
  ['Mod+K', 'Command palette'],
  ...VIEWS.map((view) => [`Alt+${view.digit}`, view.label] as const),
  ['?', 'This list'],
  ['Esc', 'Close what is open'],
];

const ON_AN_INSTANCE: readonly (readonly [string, string])[] = [
  ['↑+↓+←+→', 'Move between instances'],
  ['Enter', 'Open its menu'],
  ['Space', 'Take part in runs, or not'],
  ...ACTION_ORDER.map((action) => [ACTION_WORDS[action].key, ACTION_WORDS[action].label] as const),
  ['G', 'Show log'],
  ['E', 'Edit'],
  ['Del', 'Delete'],
];

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div className="shortcut-columns">
        <ShortcutList title="Everywhere" entries={EVERYWHERE} />
        <ShortcutList title="On a focused instance" entries={ON_AN_INSTANCE} />
      </div>
    </Dialog>
  );
}

function ShortcutList(props: {
  readonly title: string;
  readonly entries: readonly (readonly [string, string])[];
}) {
  return (
    <section>
      <h3>{props.title}</h3>
      <dl>
        {props.entries.map(([keys, words]) => (
          <div key={keys}>
            <dt>{words}</dt>
            <dd>
              <Shortcut keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
