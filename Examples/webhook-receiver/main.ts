// SPDX-License-Identifier: Apache-2.0
// Receives webhooks that are signed as GitHub signs them, and keeps the last of them in kv.

interface Env {
  /** The key that sender and receiver share. */
  SIGNING_KEY: string;
  DELIVERIES: KVNamespace;
}

interface Delivery {
  id: string;
  event: string;
  bytes: number;
  received: string;
}

const LARGEST_BODY = 256 * 1024;
const KEPT_SECONDS = 7 * 24 * 3600;
const encoder = new TextEncoder();

/** The bytes of `sha256=…`; undefined where it is none. */
function signatureIn(header: string | null): Uint8Array<ArrayBuffer> | undefined {
  const digits = /^sha256=([0-9a-f]{64})$/.exec(header ?? '')?.[1];
  return digits === undefined ? undefined : Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16));
}

async function isSigned(body: ArrayBuffer, signature: Uint8Array<ArrayBuffer>, key: string): Promise<boolean> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', encoder.encode(key), algorithm, false, ['verify']);
  // Compares in a time that does not depend on where the two differ.
  return crypto.subtle.verify('HMAC', imported, signature, body);
}

async function receive(request: Request, env: Env): Promise<Response> {
  const id = request.headers.get('x-github-delivery') ?? '';
  const event = request.headers.get('x-github-event') ?? '';
  if (!/^[0-9A-Za-z-]{1,64}$/.test(id) || !/^[a-z_]{1,64}$/.test(event)) {
    return Response.json({ error: 'x-github-delivery and x-github-event are needed' }, { status: 400 });
  }
  if (Number(request.headers.get('content-length') ?? 0) > LARGEST_BODY) return tooLarge();
  const body = await request.arrayBuffer();
  if (body.byteLength > LARGEST_BODY) return tooLarge();
  const signature = signatureIn(request.headers.get('x-hub-signature-256'));
  if (!signature || !(await isSigned(body, signature, env.SIGNING_KEY))) {
    return Response.json({ error: 'the signature is not that of this body' }, { status: 401 });
  }
  const delivery: Delivery = { id, event, bytes: body.byteLength, received: new Date().toISOString() };
  try {
    // A delivery that is sent again is known by its id, and is not a second one.
    await env.DELIVERIES.put(id, body, { ifVersion: 0, expirationTtl: KEPT_SECONDS, metadata: delivery });
  } catch (error) {
    if ((error as CapabilityError).code !== 'conflict') throw error;
    return Response.json({ received: id, again: true });
  }
  return Response.json({ received: id }, { status: 202 });
}

function tooLarge(): Response {
  return Response.json({ error: `the body has more than ${LARGEST_BODY} bytes` }, { status: 413 });
}

async function list(env: Env): Promise<Response> {
  const { keys } = await env.DELIVERIES.list<Delivery>({ limit: 100 });
  const deliveries = keys.map(({ metadata }) => metadata!);
  deliveries.sort((a, b) => (a.received < b.received ? 1 : -1));
  return Response.json(deliveries.map(({ id, event, bytes }) => ({ id, event, bytes })));
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/hook' && request.method === 'POST') return receive(request, env);
    if (pathname === '/' && request.method === 'GET') return list(env);
    return Response.json({ error: 'POST /hook, or GET /' }, { status: 404 });
  },
} satisfies ExportedHandler<Env>;
