// SPDX-License-Identifier: Apache-2.0
// A site of a few pages in JSX, with its text and style sheet as modules.

import type { Html } from './lib.ts';
import { about } from './pages/about.tsx';
import { bird, home, search } from './pages/birds.tsx';
import style from './text/style.css.txt' with { type: 'text' };

const routes: [URLPattern, (found: URLPatternResult, url: URL) => Html | undefined][] = [
  [new URLPattern({ pathname: '/' }), () => home()],
  [new URLPattern({ pathname: '/about' }), () => about()],
  [new URLPattern({ pathname: '/search' }), (_, url) => search((url.searchParams.get('q') ?? '').slice(0, 100))],
  [new URLPattern({ pathname: '/birds/:id' }), (found) => bird(found.pathname.groups.id ?? '')],
];

async function tag(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return `"${Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')}"`;
}

/** The text, or that it is still what the client has. */
async function reply(request: Request, text: string, type: string): Promise<Response> {
  const headers = {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': "default-src 'self'",
    'cache-control': 'no-cache',
    etag: await tag(text),
  };
  if (request.headers.get('if-none-match') === headers.etag) return new Response(null, { status: 304, headers });
  return new Response(text, { headers });
}

export default {
  async fetch(request) {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response('GET only\n', { status: 405, headers: { allow: 'GET, HEAD' } });
    }
    const url = new URL(request.url);
    if (url.pathname === '/style.css') return reply(request, style, 'text/css');
    for (const [pattern, page] of routes) {
      const found = pattern.exec(url);
      const html = found && page(found, url);
      if (html) return reply(request, `<!doctype html>\n${html.text}\n`, 'text/html');
    }
    return new Response('There is no such page.\n', { status: 404 });
  },
} satisfies ExportedHandler;
