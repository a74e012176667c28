export function GroupHeading(props: { readonly id: string; readonly title: string; readonly count: number }) {
  return (
    <h2 id={props.id} className="fleet-group">
      {props.title} <span>{props.count}</span>
    </h2>
  );
}
