/** Polls where no event exists. @throws Error that says what was waited for and what was seen last */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  isIt: (value: T) => boolean,
  limitMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await look();
    if (isIt(value)) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not come; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
