// SPDX-License-Identifier: Apache-2.0
// What web-platform-tests expect of the scope that a server and a browser would have made for them.
// Runs first, as a classic script; `wptConfiguration` comes before it.
'use strict';
(({ root, origin, path, search, title }) => {
  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });

  if (!('self' in globalThis)) define('self', globalThis);
  define('GLOBAL', { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false });
  if (title !== null) define('META_TITLE', title);
  const address = `${origin}${path}${search}`;
  const { protocol, host, hostname, port } = new URL(origin);
  define('location', {
    // That of a worker is opaque.
    href: address, origin: 'null', protocol, host, hostname, port, pathname: path, search, hash: '', toString: () => address,
  });
  // The scripts that a worker imports were run before it.
  define('importScripts', () => {});

  // Files under the root answer as a plain server would; all else goes to the runtime's own fetch.
  const { fetch: ownFetch, Response: OwnResponse } = globalThis;
  const load = async (file, type) => (await import(`file://${root}${file}`, { with: { type } })).default;
  const types = {
    any: 'text/plain', css: 'text/css', htm: 'text/html', html: 'text/html', js: 'text/javascript',
    json: 'application/json', png: 'image/png', txt: 'text/plain', wasm: 'application/wasm', xml: 'text/xml',
  };
  const headersOf = async (file) => {
    const ending = file.slice(file.lastIndexOf('.') + 1);
    const headers = [['content-type', types[ending] ?? 'application/octet-stream']];
    const lines = await load(`${file}.headers`, 'text').catch(() => '');
    for (const line of lines.split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) headers.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
    }
    return headers;
  };
  // As much of a response as loading test data takes, for a runtime that has none.
  const plainResponse = (bytes, { status, headers }) => ({
    ok: status === 200,
    status,
    headers: new Map(headers),
    async arrayBuffer() { return bytes.buffer; },
    async text() { return new TextDecoder().decode(bytes); },
    async json() { return JSON.parse(await this.text()); },
  });
  const respond = OwnResponse ? (bytes, init) => new OwnResponse(bytes, init) : plainResponse;
  define('fetch', function fetch(input) {
    const init = arguments[1];
    let url;
    try {
      url = new URL(typeof input === 'object' && 'url' in input ? input.url : `${input}`, address);
    } catch {
      url = null;
    }
    if (url?.origin !== origin) {
      return ownFetch ? ownFetch(input, init) : Promise.reject(new TypeError(`no fetch for ${input}`));
    }
    const file = decodeURIComponent(url.pathname);
    if (file.endsWith('.py') || url.searchParams.has('pipe')) {
      return Promise.reject(new TypeError(`${file} needs a server`));
    }
    const signal = init?.signal ?? input?.signal;
    return (async () => {
      signal?.throwIfAborted();
      const bytes = await load(file, 'bytes').catch(() => null);
      signal?.throwIfAborted();
      if (bytes === null) return respond(new Uint8Array(), { status: 404, statusText: 'Not Found', headers: [] });
      return respond(bytes, { status: 200, statusText: 'OK', headers: await headersOf(file) });
    })();
  });
})(wptConfiguration);
