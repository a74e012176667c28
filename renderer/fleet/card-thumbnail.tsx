import type { InstanceSnapshot } from '../../shared/model.ts';
import { imageOf } from '../pictures/image-of.ts';
import { useClient, useServices } from '../store/services.ts';

/** The live preview while it works, then the finished test picture; opens the large view. */
export function CardThumbnail({ instance }: { readonly instance: InstanceSnapshot }) {
  const client = useClient();
  const { ui } = useServices();
  const image = imageOf(instance);
  if (image === null) return null;
  return (
    <button
      type="button"
      className="card-thumbnail"
      aria-label={`${image.live ? 'Live preview' : 'Test picture'} of ${instance.name}: show it large`}
      onClick={() => ui.getState().openDialog({ kind: 'picture', id: instance.id })}
    >
      <img src={client.fileUrl(image.path)} alt="" draggable={false} />
      {image.live && <span className="card-thumbnail-live">live</span>}
    </button>
  );
}
