// SPDX-License-Identifier: Apache-2.0
// Converts almanac.md and prints what is in it. With `-- --html` it prints the whole page instead.

import source from './almanac.md' with { type: 'text' };
import { parse, render } from './src/index.js';
import { numbered, outline } from './src/outline.js';
import { sha256 } from './src/sha256.js';
import { ranked, statistics } from './src/statistics.js';

const bytes = (text) => new TextEncoder().encode(text);
const row = (name, value) => console.log(`  ${String(name).padEnd(24)} ${String(value).padStart(7)}`);

const { root, references } = parse(source);
const contents = [...numbered(outline(root))];
const ids = new Map(contents.map((entry) => [entry.node, entry.id]));
const html = render(root, { headingId: (node) => ids.get(node) });

const fragments = new Set(ids.values());
const dangling = [...html.matchAll(/href="#([^"]*)"/g)].map((m) => m[1]).filter((id) => !fragments.has(id));

const digest = sha256(bytes(html));

if ((globalThis.process?.argv ?? []).includes('--html')) {
  console.log(html.trimEnd());
} else {
  const { nodes, languages, hosts, words, deepest, looseLists } = statistics(root);

  console.log('Size');
  row('Markdown, bytes', bytes(source).length);
  row('Markdown, lines', source.split('\n').length - 1);
  row('HTML, bytes', bytes(html).length);
  row('reference definitions', references.size);
  row('links to nowhere', dangling.length);

  console.log('\nNodes');
  for (const [type, count] of ranked(nodes)) row(type, count);
  row('(loose lists)', looseLists);
  row('(deepest nesting)', deepest);

  console.log('\nFenced code');
  for (const [language, count] of ranked(languages)) row(language, count);

  console.log('\nLinks and images lead to');
  for (const [host, count] of ranked(hosts)) row(host, count);

  console.log(`\nWords: ${words.size} different ones; the most frequent of five letters and more`);
  for (const [word, count] of ranked(words).filter(([w]) => w.length >= 5).slice(0, 12)) row(word, count);

  console.log('\nContents');
  for (const { number, level, text, id } of contents) {
    console.log(`${'  '.repeat(level)}${number} ${text}  #${id}`);
  }

  const head = html.slice(0, html.indexOf('\n', 4000));
  console.log(`\nHTML, the first ${head.length} characters\n${'-'.repeat(72)}`);
  console.log(head);
  console.log('-'.repeat(72));
  console.log(`sha256 ${digest}`);
}

export default {
  markdownBytes: bytes(source).length,
  htmlBytes: bytes(html).length,
  headings: contents.length,
  sha256: digest,
};
