// SPDX-License-Identifier: Apache-2.0
// From the tree to HTML.

import { plainText } from './nodes.js';
import { escapeHtml, unescapeText } from './text.js';

/**
 * @param root A document with its inlines parsed.
 * @param options.headingId Gives a heading its id; without it headings have none.
 */
export function render(root, { headingId } = {}) {
  const out = [];
  const emit = (...parts) => out.push(...parts);
  /** Blocks begin on a line of their own. */
  const line = () => {
    if (out.length > 0 && !out.at(-1).endsWith('\n')) emit('\n');
  };
  const inside = (node) => node.children.forEach(visit);
  const wrap = (tag, node, attributes = '') => {
    emit(`<${tag}${attributes}>`);
    inside(node);
    emit(`</${tag}>`);
  };
  const block = (tag, node, attributes = '') => {
    line();
    wrap(tag, node, attributes);
    emit('\n');
  };
  const titled = (node) => (node.title ? ` title="${escapeHtml(node.title)}"` : '');

  const visitors = {
    document: inside,
    paragraph(node) {
      if (node.parent.type === 'item' && node.parent.parent.tight) inside(node);
      else block('p', node);
    },
    heading(node) {
      const id = headingId?.(node);
      block(`h${node.level}`, node, id ? ` id="${escapeHtml(id)}"` : '');
    },
    break() {
      line();
      emit('<hr />\n');
    },
    quote(node) {
      line();
      emit('<blockquote>\n');
      inside(node);
      line();
      emit('</blockquote>\n');
    },
    list(node) {
      const tag = node.ordered ? 'ol' : 'ul';
      line();
      emit(node.ordered && node.start !== 1 ? `<ol start="${node.start}">\n` : `<${tag}>\n`);
      inside(node);
      line();
      emit(`</${tag}>\n`);
    },
    item(node) {
      line();
      const first = node.children[0];
      const inline = !first || (first.type === 'paragraph' && node.parent.tight);
      emit('<li>', inline ? '' : '\n');
      inside(node);
      if (!inline && node.children.at(-1).type !== 'paragraph') line();
      emit('</li>\n');
    },
    code(node) {
      const language = unescapeText(node.info ?? '').split(/\s+/)[0];
      line();
      emit(language ? `<pre><code class="language-${escapeHtml(language)}">` : '<pre><code>');
      emit(escapeHtml(node.literal), '</code></pre>\n');
    },
    html(node) {
      line();
      emit(node.literal, '\n');
    },
    table(node) {
      const [header, ...rows] = node.children;
      line();
      emit('<table>\n<thead>\n');
      visit(header);
      emit('</thead>\n');
      if (rows.length > 0) {
        emit('<tbody>\n');
        rows.forEach(visit);
        emit('</tbody>\n');
      }
      emit('</table>\n');
    },
    row(node) {
      emit('<tr>\n');
      inside(node);
      emit('</tr>\n');
    },
    cell(node) {
      wrap(node.header ? 'th' : 'td', node, node.align ? ` align="${node.align}"` : '');
      emit('\n');
    },
    text: (node) => emit(escapeHtml(node.literal)),
    codespan: (node) => emit('<code>', escapeHtml(node.literal), '</code>'),
    rawhtml: (node) => emit(node.literal),
    softbreak: () => emit('\n'),
    hardbreak: () => emit('<br />\n'),
    emphasis: (node) => wrap('em', node),
    strong: (node) => wrap('strong', node),
    deleted: (node) => wrap('del', node),
    link: (node) => wrap('a', node, ` href="${escapeHtml(node.destination)}"${titled(node)}`),
    image: (node) =>
      emit(`<img src="${escapeHtml(node.destination)}" alt="${escapeHtml(plainText(node))}"${titled(node)} />`),
  };
  function visit(node) {
    visitors[node.type](node);
  }

  visit(root);
  return out.join('');
}
