import { Dialog } from '../components/dialog.tsx';
import { Shortcut } from '../components/shortcut.tsx';
import { ACTION_ORDER, ACTION_WORDS } from '../fleet/instance-actions.ts';
import { RUN_ACTION_WORDS } from '../runs/run-actions.ts';
import { VIEWS } from './views.ts';

const EVERYWHERE: readonly (readonly [string, string])[] = [
  ['Mod+K', 'Command palette'],
  ['Mod+Enter', 'Run workflow…, and in it: run'],
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

const ON_A_RUN: readonly (readonly [string, string])[] = [
  ['↑+↓', 'Move between runs'],
  ...Object.values(RUN_ACTION_WORDS).map(({ key, label }) => [key, label] as const),
];

const ON_A_PICTURE: readonly (readonly [string, string])[] = [
  ['↑+↓+←+→', 'Move between pictures'],
  ['C', 'Pick to compare'],
  ['Enter', 'Open it'],
  ['←+→', 'When open: previous, next'],
  ['Z', 'When open: zoom'],
];

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div className="shortcut-columns">
        <ShortcutList title="Everywhere" entries={EVERYWHERE} />
        <ShortcutList title="On a focused instance" entries={ON_AN_INSTANCE} />
        <ShortcutList title="On a focused run" entries={ON_A_RUN} />
        <ShortcutList title="In the gallery" entries={ON_A_PICTURE} />
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
