/** Pages on the web that the interface points to. */
const KNOWN_HOSTS = [
  'github.com',
  'docs.comfy.org',
  'www.comfy.org',
  'comfy.org',
  'blog.comfy.org',
  'registry.comfy.org',
  'www.nvidia.com',
  'docs.nvidia.com',
];

/**
 * Whether an address may go to the default browser: an instance's own page or the control center's, or documentation
 * over https. Anything else (file:, custom schemes, unknown hosts) could start programs or leak what it carries.
 * @param ownPages base URLs of the fleet's servers and of the control center
 */
export function mayOpenExternally(address: string, ownPages: readonly string[]): boolean {
  const url = parse(address);
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:' && KNOWN_HOSTS.includes(url.host)) return true;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
  return ownPages.some((page) => parse(page)?.origin === url.origin);
}

function parse(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
