import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

export interface ConfirmDialogProps {
  readonly title: string;
  /** What will happen, in words. */
  readonly consequence: string;
  readonly confirmLabel: string;
  /** "Cancel" unless that could mean what is asked about. */
  readonly dismissLabel?: string;
  readonly danger?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Dialog
      size="s"
      title={props.title}
      description={props.consequence}
      onClose={props.onClose}
      footer={
        <>
          <Button onClick={props.onClose}>{props.dismissLabel ?? 'Cancel'}</Button>
          <Button
            variant={props.danger ? 'danger' : 'primary'}
            onClick={() => {
              props.onClose();
              props.onConfirm();
            }}
          >
            {props.confirmLabel}
          </Button>
        </>
      }
    />
  );
}
