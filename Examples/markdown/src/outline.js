// SPDX-License-Identifier: Apache-2.0
// Headings: their ids, and the table of contents.

import { plainText } from './nodes.js';

/** Makes ids of headings: words joined by dashes, with a number where one was there before. */
export class Slugs {
  #used = new Map();

  of(text) {
    const base =
      text
        .normalize('NFKD')
        .replace(/\p{M}+/gu, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]+/gu, '-')
        .replace(/^-|-$/g, '') || 'section';
    const count = this.#used.get(base) ?? 0;
    this.#used.set(base, count + 1);
    return count === 0 ? base : `${base}-${count}`;
  }
}

/** The headings as a tree: [{ level, text, id, node, children }]. Those in quotations and lists are not the book's. */
export function outline(root) {
  const slugs = new Slugs();
  const top = { level: 0, children: [] };
  const path = [top];
  for (const node of root.children) {
    if (node.type !== 'heading') continue;
    const text = plainText(node);
    const entry = { level: node.level, text, id: slugs.of(text), node, children: [] };
    while (path.at(-1).level >= entry.level) path.pop();
    path.at(-1).children.push(entry);
    path.push(entry);
  }
  return top.children;
}

/** The outline's entries in reading order, each with its number such as 2.1.3. */
export function* numbered(entries, prefix = '') {
  for (const [i, entry] of entries.entries()) {
    const number = `${prefix}${i + 1}`;
    yield { ...entry, number };
    yield* numbered(entry.children, `${number}.`);
  }
}
