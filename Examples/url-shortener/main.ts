// SPDX-License-Identifier: Apache-2.0
// Short links in a kv namespace: POST / makes one, GET /CODE follows it, GET /CODE/stats counts.

interface Env {
  LINKS: KVNamespace;
  VISITS: KVNamespace;
}

interface Link {
  url: string;
  created: string;
}

const CODE = /^[a-z0-9-]{3,32}$/;
const LONGEST_URL = 2048;
const LONGEST_LIFE = 365 * 24 * 3600;
// No letters and digits that look alike, and 32 of them: five bits of a byte choose one, each as likely.
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

/** What is wrong with a request, in words for the one who made it. */
class Refusal extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

function target(value: unknown): string {
  if (typeof value !== 'string' || value.length > LONGEST_URL) {
    throw new Refusal(400, `"url" must be a text of at most ${LONGEST_URL} characters`);
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new Refusal(400, '"url" must be an http or https URL');
  if (url.username || url.password) throw new Refusal(400, '"url" must not hold a password');
  return url.href;
}

function life(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > LONGEST_LIFE) {
    throw new Refusal(400, `"ttl" must be whole seconds from 1 to ${LONGEST_LIFE}`);
  }
  return value as number;
}

function makeCode(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(7)), (byte) => ALPHABET[byte & 31]).join('');
}

/** Takes a code that is free. That it is, the store says: two who ask at once cannot both have it. */
async function claim(links: KVNamespace, link: Link, wanted: string | undefined, ttl: number | undefined) {
  for (let tries = 0; tries < 5; tries += 1) {
    const code = wanted ?? makeCode();
    try {
      await links.put(code, JSON.stringify(link), { ifVersion: 0, expirationTtl: ttl });
      return code;
    } catch (error) {
      if ((error as CapabilityError).code !== 'conflict') throw error;
      if (wanted) throw new Refusal(409, `"${wanted}" is taken`);
    }
  }
  throw new Refusal(503, 'no free code was found; try again');
}

async function create(request: Request, env: Env): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null) throw new Refusal(400, 'the body must be a JSON object');
  const { url, code: wanted, ttl } = body as Record<string, unknown>;
  if (wanted !== undefined && (typeof wanted !== 'string' || !CODE.test(wanted))) {
    throw new Refusal(400, '"code" must be 3 to 32 lower-case letters, digits or dashes');
  }
  const link = { url: target(url), created: new Date().toISOString() };
  const code = await claim(env.LINKS, link, wanted as string | undefined, life(ttl));
  return Response.json({ code, short: new URL(`/${code}`, request.url).href, url: link.url }, { status: 201 });
}

/** Adds one. A version that is not the present one is refused, and the loser tries again: no visit is lost. */
async function count(visits: KVNamespace, code: string): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    const { value, version } = await visits.getWithMetadata<number>(code, 'json');
    try {
      await visits.put(code, JSON.stringify((value ?? 0) + 1), { ifVersion: version });
      return;
    } catch (error) {
      if ((error as CapabilityError).code !== 'conflict') throw error;
    }
  }
}

async function handle(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const { pathname } = new URL(request.url);
  const [, code = '', rest, ...more] = pathname.split('/');
  if (code === '') {
    if (request.method === 'POST') return create(request, env);
    if (request.method !== 'GET') throw new Refusal(405, 'use GET or POST here');
    return new Response('POST {"url": "https://…", "code"?: "…", "ttl"?: seconds} here; GET /CODE, /CODE/stats\n');
  }
  if (request.method !== 'GET') throw new Refusal(405, 'use GET here');
  const link = CODE.test(code) && more.length === 0 ? await env.LINKS.get<Link>(code, 'json') : null;
  if (!link || (rest !== undefined && rest !== 'stats')) throw new Refusal(404, 'there is no such link');
  if (rest === 'stats') return Response.json({ ...link, visits: (await env.VISITS.get<number>(code, 'json')) ?? 0 });
  // The visitor does not wait for the count.
  ctx.waitUntil(count(env.VISITS, code));
  return new Response(null, { status: 302, headers: { location: link.url, 'cache-control': 'no-store' } });
}

export default {
  async fetch(request, env, ctx) {
    try {
      return await handle(request, env, ctx);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return Response.json({ error: error.message }, { status: error.status });
    }
  },
} satisfies ExportedHandler<Env>;
