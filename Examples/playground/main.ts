// SPDX-License-Identifier: Apache-2.0
// A page that runs what is typed into it, through the executor's POST /v1/run.

import page from './page.html' with { type: 'text' };
import script from './page.script.txt' with { type: 'text' };

interface Env {
  /** The admin API's origin. The token is not here: the host adds it to what leaves for /v1/run. */
  ADMIN: string;
}

const LANGUAGES = ['js', 'ts'];
const LARGEST_SOURCE = 64 * 1024;
// What a visitor may use. Nothing is granted.
const LIMITS = { memoryMiB: 32, cpuMilliseconds: 500, wallMilliseconds: 2000, subrequests: 0, logBytes: 16384 };

const refuse = (status: number, error: string): Response => Response.json({ error }, { status });

async function evaluate(request: Request, env: Env): Promise<Response> {
  const text = await request.text();
  if (text.length > 2 * LARGEST_SOURCE) return refuse(413, `at most ${LARGEST_SOURCE} characters`);
  let body: { source?: unknown; language?: unknown };
  try {
    body = Object(JSON.parse(text));
  } catch {
    return refuse(400, 'the body must be JSON');
  }
  const { source, language = 'js' } = body;
  if (typeof source !== 'string' || source.length > LARGEST_SOURCE) {
    return refuse(400, `"source" must be a text of at most ${LARGEST_SOURCE} characters`);
  }
  if (typeof language !== 'string' || !LANGUAGES.includes(language)) return refuse(400, '"language" must be js or ts');
  const answer = await fetch(`${env.ADMIN}/v1/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source, language, limits: LIMITS }),
    redirect: 'manual',
  });
  // What runs scripts may be busy; anything else that is wrong is no business of a visitor.
  if (answer.status === 503) return refuse(503, 'busy; try again');
  if (!answer.ok) return refuse(502, 'the script could not be run');
  const { outcome, value, error, logs, usage } = (await answer.json()) as Record<string, any>;
  return Response.json({
    outcome, value, logs,
    error: error && { name: error.name, message: error.message, line: error.line, column: error.column },
    cpuMicroseconds: usage?.cpuMicroseconds,
  });
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/run') return request.method === 'POST' ? evaluate(request, env) : refuse(405, 'POST here');
    if (pathname === '/page.js') return new Response(script, { headers: { 'content-type': 'text/javascript' } });
    if (pathname !== '/') return refuse(404, 'there is no such page');
    return new Response(page, {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'",
        'x-content-type-options': 'nosniff',
      },
    });
  },
} satisfies ExportedHandler<Env>;
