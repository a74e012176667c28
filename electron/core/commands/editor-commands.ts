import type { CommandHandlers } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { HostEditor, HostServices } from '../host-services.ts';

type EditorCommands = Pick<
  CommandHandlers,
  'shell.openGateway' | 'editor.show' | 'editor.hide' | 'editor.reload'
>;

export interface EditorCommandDeps {
  readonly host: Pick<HostServices, 'openExternal' | 'editor'>;
  readonly gatewayUrl: () => string | null;
}

/** The ComfyUI page of the whole fleet: in the desktop window, and in the default browser. */
export function editorCommands({ host, gatewayUrl }: EditorCommandDeps): EditorCommands {
  const address = (): string => gatewayUrl() ?? noAddress();
  const editor = (): HostEditor => host.editor ?? noWindow();
  return {
    'shell.openGateway': async () => {
      const url = address();
      await host.openExternal(url);
      return { url };
    },
    'editor.show': async ({ bounds }) => editor().show(address(), bounds),
    'editor.hide': async () => {
      editor().hide();
      return null;
    },
    'editor.reload': async () => {
      editor().reload();
      return null;
    },
  };
}

function noAddress(): never {
  throw new EnsembleError(
    'not-ready',
    'The fleet has no ComfyUI address now.',
    'The notifications say why; without a reason there, try again in a moment.',
  );
}

function noWindow(): never {
  throw new EnsembleError(
    'unavailable',
    'Only the desktop app shows the ComfyUI page in its own window.',
    'Open it in a browser.',
  );
}
