/** Exhaustiveness guard: the compiler refuses a call that a union member can still reach. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
