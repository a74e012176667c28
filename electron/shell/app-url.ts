export const APP_SCHEME = 'app';
export const APP_HOST = 'ensemble';
/** The page's own address; its files and the control center's /files/… lie below it. */
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;

/** Node gives unknown schemes the origin "null": scheme and host are compared instead. */
export function isOwnUrl(address: string): boolean {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  return (
    url.protocol === `${APP_SCHEME}:` && url.host === APP_HOST && url.username === '' && url.password === ''
  );
}
