// SPDX-License-Identifier: Apache-2.0
// Compiles: a worker.
interface Env {
  NAME: string;
  NEXT: Fetcher;
  KV: KVNamespace;
  FILES: Files;
  LOG: Log;
}

const handler: ExportedHandler<Env> = {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const pattern = new URLPattern({ pathname: '/hello/:name' });
    const name: string | undefined = pattern.exec(url)?.pathname.groups['name'];
    if (request.method === 'POST') {
      const { count } = await request.json<{ count: number }>();
      return Response.json({ count: count + 1 }, { status: 201, headers: { 'x-count': `${count}` } });
    }
    if (name === undefined) return env.NEXT.fetch(request);
    const count: number | null = await env.KV.get<number>('count', 'json');
    const { version, metadata } = await env.KV.getWithMetadata<{ by: string }>('count');
    await env.KV.put('count', `${(count ?? 0) + 1}`, { ifVersion: version, metadata: { by: metadata?.by } });
    for await (const { kind, name: file } of env.FILES.list('public')) {
      if (kind === 'file') env.LOG.info(file, (await env.FILES.stat(`public/${file}`)).size);
    }
    try {
      await env.FILES.write('public/a', await env.FILES.stream('b'), { createNew: false });
    } catch (error) {
      if ((error as CapabilityError).code !== 'notFound') throw error;
    }
    // @ts-expect-error: a number is no content
    await env.KV.put('count', 5);
    const body = new Blob([name]);
    ctx.waitUntil(fetch('https://example.com/', { method: 'PUT', body, signal: AbortSignal.timeout(100) }));
    // @ts-expect-error: there is no such binding
    env.OTHER;
    return new Response(`hello ${env.NAME}`);
  },
  async scheduled({ cron, scheduledTime }, env) {
    console.log(cron, new Date(scheduledTime).toISOString(), env.NAME);
  },
};
export default handler;

// @ts-expect-error: a handler answers with a response
export const wrong: ExportedHandler = { fetch: () => 5 };
