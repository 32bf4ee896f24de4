// SPDX-License-Identifier: Apache-2.0
// The converter's face: Markdown in, tree or HTML out.

import { BlockParser } from './blocks.js';
import { InlineParser } from './inlines.js';
import { walk } from './nodes.js';
import { render } from './render.js';

const HAS_INLINES = new Set(['paragraph', 'heading', 'cell']);

export function parse(source) {
  const blocks = new BlockParser();
  const root = blocks.parse(source);
  const inlines = new InlineParser(blocks.references);
  for (const leaf of [...walk(root)].filter((node) => HAS_INLINES.has(node.type))) {
    for (const node of inlines.parse(leaf.text.trim())) leaf.append(node);
    leaf.text = '';
  }
  return { root, references: blocks.references };
}

export const toHtml = (source, options) => render(parse(source).root, options);

export { plainText, walk } from './nodes.js';
export { render } from './render.js';
