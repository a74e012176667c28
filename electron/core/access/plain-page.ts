import { createHash } from 'node:crypto';

/** A page that stands alone: nothing of the interface goes to somebody unknown. */

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.6 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f6f7f9, #16181d); color: light-dark(#1b1f27, #e7eaf0); }
main { max-width: 30rem; margin: 1rem; padding: 2rem; border-radius: 8px; background: light-dark(#fff, #1f232b); border: 1px solid light-dark(#d8dce3, #343a46); }
h1 { margin: 0 0 0.75rem; font-size: 1.25rem; }
code { padding: 0.1rem 0.35rem; border-radius: 4px; background: light-dark(#eceff4, #2b303a); font: 0.9em ui-monospace, monospace; }
form { display: flex; flex-wrap: wrap; align-items: end; gap: 0.5rem; margin-top: 1rem; }
label { display: grid; flex: 1 1 12rem; gap: 0.25rem; font-size: 0.875rem; }
input, button { box-sizing: border-box; height: 2.4rem; font: inherit; padding: 0 0.75rem; border-radius: 6px; border: 1px solid light-dark(#8a919e, #6b7382); background: light-dark(#fff, #16181d); color: inherit; }
button { background: light-dark(#4257d6, #5468e8); border-color: transparent; color: #fff; }
`;

export interface PlainPage {
  readonly title: string;
  readonly heading: string;
  /** HTML of ours alone. */
  readonly body: string;
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** @returns the page and the policy under which it must be served */
export function plainPage(
  { title, heading, body }: PlainPage,
  formAction: "'none'" | "'self'" = "'none'",
): { readonly html: string; readonly policy: string } {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${heading}</h1>
${body}
</main>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    "base-uri 'none'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}
