// SPDX-License-Identifier: Apache-2.0
// Takes stock each minute and keeps the last ten runs; a page shows them.

interface Env {
  JOBS: KVNamespace;
}

interface Run {
  cron: string;
  due: string;
  lateMilliseconds: number;
  primes: number;
}

const KEPT = 10;

/** Some work, so that there is something to keep. */
function primesBelow(limit: number): number {
  const composite = new Uint8Array(limit);
  let count = 0;
  for (let n = 2; n < limit; n += 1) {
    if (composite[n]) continue;
    count += 1;
    for (let multiple = n * n; multiple < limit; multiple += n) composite[multiple] = 1;
  }
  return count;
}

async function work(cron: string, scheduledTime: number, env: Env): Promise<Run> {
  const run: Run = {
    cron,
    due: new Date(scheduledTime).toISOString(),
    lateMilliseconds: Math.max(0, Date.now() - scheduledTime),
    primes: primesBelow(100_000),
  };
  // Keys in the order of time: a list gives the oldest first.
  await env.JOBS.put(`run:${run.due}`, JSON.stringify(run), { metadata: run });
  const { keys } = await env.JOBS.list({ prefix: 'run:' });
  for (const { name } of keys.slice(0, Math.max(0, keys.length - KEPT))) await env.JOBS.delete(name);
  return run;
}

export default {
  async scheduled(event, env) {
    const run = await work(event.cron, event.scheduledTime, env);
    console.log(`${run.cron}: ${run.primes} primes, ${run.lateMilliseconds} ms late`);
  },

  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (request.method === 'POST' && pathname === '/now') return Response.json(await work('by hand', Date.now(), env));
    if (pathname !== '/') return Response.json({ error: 'GET /, or POST /now' }, { status: 404 });
    const { keys } = await env.JOBS.list<Run>({ prefix: 'run:' });
    const runs = keys.map(({ metadata }) => metadata!).reverse();
    return Response.json({ last: runs[0] ?? null, runs: runs.length });
  },
} satisfies ExportedHandler<Env>;
