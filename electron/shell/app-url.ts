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

/** Whether the address lies at the same http(s) origin as the base; false for anything that is no address. */
export function isAddressOf(address: string, base: string): boolean {
  try {
    const { origin, protocol, username, password } = new URL(address);
    const isWeb = protocol === 'http:' || protocol === 'https:';
    return isWeb && username === '' && password === '' && origin === new URL(base).origin;
  } catch {
    return false;
  }
}
