import { CircleAlert, CircleCheck, CircleHelp, Pencil, TriangleAlert } from 'lucide-react';
import { useMemo } from 'react';
import type { ModelInstance, ModelPresence, NamedModel } from '../../shared/models.ts';
import { classNames } from '../components/class-names.ts';
import { type Column, VirtualTable } from '../components/virtual-table.tsx';
import { presenceWords, shortUrl, sizeWords } from './model-words.ts';

/** px, as the table has them. */
const ROW_HEIGHT = 32;
const BORDERS = 4;

export interface ModelTableProps {
  readonly rows: readonly NamedModel[];
  readonly instances: readonly ModelInstance[];
  readonly onAddress: (model: NamedModel) => void;
}

/** Models down, instances across. */
export function ModelTable({ rows, instances, onAddress }: ModelTableProps) {
  const columns = useMemo(() => columnsOf(instances, onAddress), [instances, onAddress]);
  return (
    <div className="models-table" style={{ height: (rows.length + 1) * ROW_HEIGHT + BORDERS }}>
      <VirtualTable label="Models" columns={columns} rows={rows} rowKey={(model) => model.id} />
    </div>
  );
}

function columnsOf(
  instances: readonly ModelInstance[],
  onAddress: (model: NamedModel) => void,
): readonly Column<NamedModel>[] {
  return [
    { id: 'name', title: 'Model', width: 'minmax(196px, 1fr)', cell: (model) => <Name model={model} /> },
    { id: 'folder', title: 'Folder', width: '108px', cell: ({ folder }) => folder ?? 'Not known' },
    {
      id: 'size',
      title: 'Size',
      width: '116px',
      numeric: true,
      cell: (model) => (
        <span className={classNames(model.sizesDiffer && 'models-differ')}>{sizeWords(model)}</span>
      ),
    },
    {
      id: 'address',
      title: 'Address',
      width: '200px',
      cell: (model) => <Address model={model} onEdit={() => onAddress(model)} />,
    },
    ...instances.map(
      ({ id, name }, at): Column<NamedModel> => ({
        id: `on-${id}`,
        title: name,
        width: '84px',
        cell: ({ on, sizesDiffer }) => <Presence presence={on[at]} sizesDiffer={sizesDiffer} />,
      }),
    ),
  ];
}

function Name({ model }: { readonly model: NamedModel }) {
  const nodes = model.nodes.join(', ');
  const end = model.name.lastIndexOf('/') + 1;
  return (
    <span className="models-name" title={`${model.name}\nNamed by ${nodes}`}>
      <span className="models-folders truncate">{model.name.slice(0, end)}</span>
      <span className="truncate">{model.name.slice(end)}</span>
    </span>
  );
}

function Address({ model, onEdit }: { readonly model: NamedModel; readonly onEdit: () => void }) {
  const { url, urlProblem, name } = model;
  if (url === null) {
    return (
      <button type="button" className="models-address models-address-none" onClick={onEdit}>
        <span className="truncate">{urlProblem === null ? 'Enter address…' : 'Address unusable…'}</span>
        <span className="visually-hidden"> for {name}</span>
      </button>
    );
  }
  return (
    <button type="button" className="models-address" title={url.url} onClick={onEdit}>
      <span className="truncate">{shortUrl(url.url)}</span>
      <Pencil size={12} strokeWidth={1.8} aria-hidden="true" />
      <span className="visually-hidden">, change the address for {name}</span>
    </button>
  );
}

const ICONS = { ok: CircleCheck, warning: TriangleAlert, error: CircleAlert, neutral: CircleHelp };

interface PresenceProps {
  readonly presence: ModelPresence | undefined;
  readonly sizesDiffer: boolean;
}

function Presence({ presence, sizesDiffer }: PresenceProps) {
  const { word, tone } = presenceWords(presence, sizesDiffer);
  const Icon = ICONS[tone === 'busy' ? 'neutral' : tone];
  return (
    <span className={classNames('models-presence', `tone-${tone}`)}>
      <Icon size={14} strokeWidth={1.8} aria-hidden="true" />
      <span>{word}</span>
    </span>
  );
}
