/** Decoration beside words, never alone: a spinner without words says nothing. */
export function Spinner() {
  return <span className="spinner" aria-hidden="true" />;
}
