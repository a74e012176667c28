/** Where a model comes from: only what a download tool can fetch, spelt so that it fetches the file and not a page about it. */

export type UrlReading =
  | { readonly url: string; readonly problem: null }
  | { readonly url: null; readonly problem: string };

const LONGEST = 8192;
/** A URL may have quotes in its host, which no machine has. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/;

/** @param text as a person or a workflow wrote it; `problem` is a sentence without its subject ("is …") */
export function readSourceUrl(text: string): UrlReading {
  const url = parse(text.trim());
  if (url === null) return refused('is no web address: it must begin with https:// or http://');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refused(`begins with ${url.protocol}, but only https:// and http:// can be downloaded`);
  }
  if (!HOST.test(url.hostname)) return refused('names no machine that there could be');
  if (url.username !== '' || url.password !== '') {
    return refused(
      'holds a password, which would stand in every script: use CIVITAI_API_TOKEN or HF_API_TOKEN instead',
    );
  }
  url.hash = '';
  const { href } = asFile(url);
  return href.length > LONGEST ? refused('is too long') : { url: href, problem: null };
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** People copy the address of the page that they look at. */
function asFile(url: URL): URL {
  if (url.hostname === 'huggingface.co') {
    const file = new URL(url);
    file.pathname = url.pathname.replace(/^(\/[^/]+\/[^/]+)\/blob\//, '$1/resolve/');
    return file;
  }
  const version = url.searchParams.get('modelVersionId');
  if (url.hostname === 'civitai.com' && /^\/models\/\d+/.test(url.pathname) && /^\d+$/.test(version ?? '')) {
    return new URL(`https://civitai.com/api/download/models/${version}`);
  }
  return url;
}

function refused(problem: string): UrlReading {
  return { url: null, problem };
}
