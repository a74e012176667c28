import type { InstanceSnapshot } from '../../shared/model.ts';
import { Progress } from '../components/progress.tsx';
import { useNow } from '../store/use-now.ts';
import { CardThumbnail } from './card-thumbnail.tsx';
import { doingOf } from './what-it-does.ts';

/** The middle of a card: what it does now, always of the same height so that nothing below moves. */
export function CardNow({ instance }: { readonly instance: InstanceSnapshot }) {
  const now = useNow(1000);
  const doing = doingOf(instance, now);
  return (
    <div className="card-now">
      <div className="card-now-words">
        <p className="card-now-title truncate" title={doing.title}>
          {doing.title}
        </p>
        <p className="card-now-detail truncate" title={doing.detail}>
          {doing.detail}
        </p>
        {doing.share !== undefined && (
          <Progress label={`${instance.name}: ${doing.title}`} share={doing.share} />
        )}
      </div>
      <CardThumbnail instance={instance} />
    </div>
  );
}
