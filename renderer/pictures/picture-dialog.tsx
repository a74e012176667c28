import { Download, ImagePlay } from 'lucide-react';
import { conditionOf } from '../../shared/condition.ts';
import type { InstanceSnapshot, TestPicture } from '../../shared/model.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Progress } from '../components/progress.tsx';
import { performAction } from '../fleet/instance-actions.ts';
import { selectInstance } from '../store/selectors.ts';
import { useClient, useFleet, useServices } from '../store/services.ts';
import { imageOf } from './image-of.ts';
import './pictures.css';

/** The large view of an instance's live preview or test picture, with what is known about it. */
export function PictureDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const client = useClient();
  const services = useServices();
  const instance = useFleet(selectInstance(id));
  if (instance === null) return null;
  const image = imageOf(instance);
  const canQueue = conditionOf(instance, 0).actions.includes('test-picture');
  return (
    <Dialog
      size="l"
      title={`${image?.live === true ? 'Live preview' : 'Test picture'} · ${instance.name}`}
      onClose={onClose}
      footer={
        <>
          {image !== null && !image.live && (
            <a className="button button-secondary button-m" href={client.fileUrl(image.path)} download>
              <Download size={14} aria-hidden="true" /> Save
            </a>
          )}
          <Button
            variant="primary"
            icon={ImagePlay}
            disabled={!canQueue || isPending(instance.picture)}
            onClick={() => void performAction(services, instance, 'test-picture')}
          >
            Queue another
          </Button>
        </>
      }
    >
      <div className="picture-stage">
        {image === null ? (
          <p className="picture-empty">No picture yet.</p>
        ) : (
          <img src={client.fileUrl(image.path)} alt={`Made by ${instance.name}`} />
        )}
      </div>
      <PictureProgress instance={instance} />
      {instance.picture !== null && <PictureFacts instance={instance} picture={instance.picture} />}
    </Dialog>
  );
}

function isPending(picture: TestPicture | null): boolean {
  return picture?.status === 'queued' || picture?.status === 'running';
}

function PictureProgress({ instance }: { readonly instance: InstanceSnapshot }) {
  const { picture } = instance;
  if (picture === null || !isPending(picture)) return null;
  const share = picture.step !== null && picture.steps ? picture.step / picture.steps : null;
  return <Progress label={`Test picture on ${instance.name}`} share={share} />;
}

const STATUS_WORDS = { queued: 'Queued', running: 'Working', done: 'Done', failed: 'Failed' } as const;

function PictureFacts({
  instance,
  picture,
}: {
  readonly instance: InstanceSnapshot;
  readonly picture: TestPicture;
}) {
  const facts: readonly (readonly [string, string])[] = [
    ['State', picture.error === null ? STATUS_WORDS[picture.status] : `Failed: ${picture.error}`],
    ...(picture.seconds === null ? [] : [['Took', `${picture.seconds.toFixed(1)} s`] as const]),
    ['Instance', instance.name],
    [
      'Workflow',
      picture.workflow === 'txt2img' ? 'Text to image with its first checkpoint' : 'Needs no model',
    ],
  ];
  return (
    <dl className="picture-facts">
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
