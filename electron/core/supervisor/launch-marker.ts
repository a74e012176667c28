/** Every server gets a temp folder of its own: a second one in the same folder would wipe the first one's. */
export const TEMP_FLAG = '--temp-directory';

/** The words of its command line that no other server has. */
export function markerOf(instanceDirectory: string): string {
  return `${TEMP_FLAG} ${instanceDirectory}`;
}
