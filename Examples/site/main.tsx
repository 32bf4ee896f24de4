// SPDX-License-Identifier: Apache-2.0
// Renders the site of a small museum and prints its index and one page: `-- /visit/` chooses another.

import { Layout } from './components.js';
import { Digest } from './lib/digest.js';
import { h, renderToString } from './lib/html.js';
import { museum } from './model.js';
import type { Page, PageModule } from './pages/page.js';

declare const process: { readonly argv: readonly string[] } | undefined;

const SECTIONS = ['home', 'things', 'rooms', 'timeline', 'visit'] as const;
type Section = (typeof SECTIONS)[number];

interface Rendered extends Pick<Page, 'path' | 'title'> {
  readonly html: string;
  readonly digest: Digest;
}

async function pagesOf(section: Section): Promise<Page[]> {
  const module = (await import(`./pages/${section}.js`)) as PageModule;
  const made = await module.default(museum);
  return 'path' in made ? [made] : [...made];
}

function render(page: Page): Rendered {
  const document = (
    <Layout museum={museum} page={page}>
      {page.body}
    </Layout>
  );
  const html = `<!doctype html>\n${renderToString(document)}\n`;
  return { path: page.path, title: page.title, html, digest: Digest.of(html) };
}

const pages = (await Promise.all(SECTIONS.map(pagesOf))).flat();
const site = new Map(pages.map(render).map((page) => [page.path, page] as const));

console.log(`${museum.name}: ${site.size} pages\n`);
for (const { path, title, digest } of site.values()) {
  console.log(`${path.padEnd(34)} ${String(digest.length).padStart(6)}  ${digest}  ${title}`);
}
const bytes = [...site.values()].reduce((sum, { digest }) => sum + digest.length, 0);
const all = Digest.of([...site.values()].map(({ digest }) => digest).join());
console.log(`${'all'.padEnd(34)} ${String(bytes).padStart(6)}  ${all}`);

const targets = [...site.values()].flatMap(({ html }) => [...html.matchAll(/href="(\/[^"]*)"/g)].map((m) => m[1]!));
const broken = [...new Set(targets)].filter((target) => !site.has(target));
console.log(`\n${targets.length} links inside the site, ${broken.length} of them broken`);
for (const target of broken) console.log(`  ${target}`);

const wanted = (typeof process === 'undefined' ? [] : process.argv).find((argument) => site.has(argument));
const shown = site.get(wanted ?? '/things/tide-clock/');
console.log(`\n${shown?.html.trimEnd()}`);

export default { pages: site.size, bytes, broken: broken.length };
