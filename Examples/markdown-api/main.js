// SPDX-License-Identifier: Apache-2.0
// Markdown in, HTML or a table of contents out. What it imports lies under node_modules, as npm lays it.

import { escape, version } from 'html-escape';
import Slugger from 'slugs';
import { render } from 'tiny-markdown';
import { inline } from 'tiny-markdown/inline';

const LARGEST = 512 * 1024;

function convert(text) {
  const slugger = new Slugger();
  const contents = [];
  const heading = (words) => {
    const id = slugger.slug(words);
    contents.push({ id, title: words });
    return id;
  };
  return { html: render(text, { heading }), contents };
}

const page = (title, html) =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title></head>\n` +
  `<body>\n${html}\n</body></html>\n`;

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/versions') return Response.json({ escape: version });
    if (request.method !== 'POST' || pathname !== '/') {
      return new Response('POST Markdown to /; ?as=page or ?as=contents for other answers\n', {
        status: request.method === 'GET' && pathname === '/' ? 200 : 404,
      });
    }
    const text = await request.text();
    if (text.length > LARGEST) return new Response(`more than ${LARGEST} characters\n`, { status: 413 });
    const { html, contents } = convert(text);
    switch (searchParams.get('as') ?? 'fragment') {
      case 'contents':
        return Response.json(contents.map(({ id, title }) => ({ id, html: inline(title) })));
      case 'page':
        return new Response(page(searchParams.get('title') ?? contents[0]?.title ?? 'Untitled', html), {
          headers: { 'content-type': 'text/html; charset=utf-8' },
        });
      case 'fragment':
        return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } });
      default:
        return new Response('?as= is fragment, page or contents\n', { status: 400 });
    }
  },
};
