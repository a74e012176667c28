import type { WorkersOfType } from './workers-by-type.ts';

export function GroupHeading({ group }: { readonly group: WorkersOfType }) {
  return (
    <h2 id={group.headingId} className="fleet-group">
      {group.title} <span>{group.workers.length}</span>
    </h2>
  );
}
