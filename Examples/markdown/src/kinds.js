// SPDX-License-Identifier: Apache-2.0
// How each kind of block goes on with a further line, and what is left to do when it closes.

import { definition } from './links.js';

/** Answers 'yes' (and moves the cursor past the block's marks), 'no', or 'done' where the line ends the block. */
export function resume(node, line, parser) {
  switch (node.type) {
    case 'list':
      return 'yes';
    case 'quote':
      return resumeQuote(line);
    case 'item':
      return resumeItem(node, line);
    case 'code':
      return node.fence ? resumeFence(node, line, parser) : resumeIndented(line);
    case 'html':
      return line.blank && !node.end ? 'no' : 'yes';
    case 'paragraph':
    case 'table':
      return line.blank ? 'no' : 'yes';
    default:
      return 'no';
  }
}

function resumeQuote(line) {
  if (line.indented || line.peek() !== '>') return 'no';
  line.advanceToNext();
  line.advance(1);
  if (line.spaceHere) line.advance(1, true);
  return 'yes';
}

function resumeItem(node, line) {
  if (line.blank) {
    if (node.children.length === 0) return 'no';
    line.advanceToNext();
    return 'yes';
  }
  if (line.indent < node.contentIndent) return 'no';
  line.advance(node.contentIndent, true);
  return 'yes';
}

function resumeFence(node, line, parser) {
  const { mark, length, indent } = node.fence;
  const closing = line.indent <= 3 && /^(`{3,}|~{3,})[ \t]*$/.exec(line.rest);
  if (closing && closing[1][0] === mark && closing[1].length >= length) {
    parser.close(node);
    return 'done';
  }
  for (let left = indent; left > 0 && line.spaceHere; left--) line.advance(1, true);
  return 'yes';
}

function resumeIndented(line) {
  if (line.indented) line.advance(4, true);
  else if (line.blank) line.advanceToNext();
  else return 'no';
  return 'yes';
}

export function finish(node, parser) {
  switch (node.type) {
    case 'list':
      node.tight = !isLoose(node);
      break;
    case 'code':
      finishCode(node);
      break;
    case 'html':
      node.literal = node.text.replace(/(\n *)+$/, '');
      node.text = '';
      break;
    case 'paragraph':
      takeDefinitions(node, parser);
      if (node.text.trim() === '') node.remove();
      break;
  }
}

function finishCode(node) {
  if (node.fence) {
    const end = node.text.indexOf('\n');
    node.info = node.text.slice(0, end).trim();
    node.literal = node.text.slice(end + 1);
  } else {
    node.literal = node.text.replace(/(\n *)+$/, '\n');
  }
  node.text = '';
}

/** Takes reference definitions off a paragraph's front. */
export function takeDefinitions(node, parser) {
  while (node.text[0] === '[') {
    const found = definition(node.text);
    if (!found) break;
    if (!parser.references.has(found.label)) parser.references.set(found.label, found);
    node.text = node.text.slice(found.length);
  }
}

function isLoose(list) {
  return list.children.some((item, i) => {
    const lastItem = i === list.children.length - 1;
    if (!lastItem && endsBlank(item)) return true;
    return item.children.some((child, j) => {
      const last = lastItem && j === item.children.length - 1;
      return !last && endsBlank(child);
    });
  });
}

function endsBlank(node) {
  while (node) {
    if (node.lastLineBlank) return true;
    if (node.type !== 'list' && node.type !== 'item') return false;
    node = node.children.at(-1);
  }
  return false;
}
