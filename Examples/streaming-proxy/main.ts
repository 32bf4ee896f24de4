// SPDX-License-Identifier: Apache-2.0
// Fetches from one origin and replaces words in what comes through, as it comes: neither side waits for the whole.

interface Env {
  /** Where requests go: scheme, host, port and perhaps a path. */
  UPSTREAM: string;
}

const PASSED_UP = ['accept', 'accept-language', 'if-none-match'];
const PASSED_DOWN = ['cache-control', 'content-type', 'etag', 'last-modified'];
const LONGEST_WORD = 64;

/** Replaces a word also where it came in two pieces: so much is held back as could be the beginning of one. */
class Replacer extends TransformStream<string, string> {
  constructor(find: string, replacement: string) {
    let held = '';
    super({
      transform(chunk, controller) {
        const text = held + chunk;
        const parts = text.split(find);
        const last = parts.pop()!;
        const keep = Math.min(last.length, find.length - 1);
        held = last.slice(last.length - keep);
        parts.push(last.slice(0, last.length - keep));
        const out = parts.join(replacement);
        if (out !== '') controller.enqueue(out);
      },
      flush(controller) {
        if (held !== '') controller.enqueue(held);
      },
    });
  }
}

function pick(from: Headers, names: readonly string[]): Headers {
  const picked = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) picked.set(name, value);
  }
  return picked;
}

export default {
  async fetch(request, env) {
    if (request.method !== 'GET') return new Response('GET only\n', { status: 405, headers: { allow: 'GET' } });
    const url = new URL(request.url);
    const find = url.searchParams.get('find') ?? '';
    const replacement = url.searchParams.get('with') ?? '';
    if (find.length > LONGEST_WORD || replacement.length > LONGEST_WORD) {
      return new Response(`words have at most ${LONGEST_WORD} characters\n`, { status: 400 });
    }
    const upstream = await fetch(env.UPSTREAM + url.pathname, {
      headers: pick(request.headers, PASSED_UP), redirect: 'manual', signal: request.signal,
    });
    const headers = pick(upstream.headers, PASSED_DOWN);
    const isText = (headers.get('content-type') ?? '').startsWith('text/');
    if (upstream.body === null || find === '' || !isText) {
      return new Response(upstream.body, { status: upstream.status, headers });
    }
    // Another text has another tag.
    headers.delete('etag');
    const body = upstream.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new Replacer(find, replacement))
      .pipeThrough(new TextEncoderStream());
    return new Response(body, { status: upstream.status, headers });
  },
} satisfies ExportedHandler<Env>;
