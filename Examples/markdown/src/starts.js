// SPDX-License-Identifier: Apache-2.0
// What may begin a block. Each function answers 'container', 'leaf', or null where the line begins no such block.

import { takeDefinitions } from './kinds.js';
import { Node } from './nodes.js';
import { startTable } from './tables.js';

const RULES = [quote, atxHeading, fence, htmlBlock, setextHeading, startTable, thematicBreak, listItem, indentedCode];

export function starts(parser, container, line) {
  for (const rule of RULES) {
    const answer = rule(parser, container, line);
    if (answer) return answer;
  }
  return null;
}

function quote(parser, _, line) {
  if (line.indented || line.peek() !== '>') return null;
  line.advanceToNext();
  line.advance(1);
  if (line.spaceHere) line.advance(1, true);
  parser.closeUnmatched();
  parser.add(new Node('quote'));
  return 'container';
}

function atxHeading(parser, _, line) {
  const match = !line.indented && /^(#{1,6})(?:[ \t]+|$)/.exec(line.rest);
  if (!match) return null;
  const text = line.rest
    .slice(match[0].length)
    .replace(/^[ \t]*#+[ \t]*$/, '')
    .replace(/[ \t]+#+[ \t]*$/, '');
  line.consume();
  parser.closeUnmatched();
  parser.add(new Node('heading', { level: match[1].length, text }));
  return 'leaf';
}

function fence(parser, _, line) {
  const match = !line.indented && /^(?:`{3,}(?!.*`)|~{3,})/.exec(line.rest);
  if (!match) return null;
  const { indent } = line;
  parser.closeUnmatched();
  parser.add(new Node('code', { fence: { mark: match[0][0], length: match[0].length, indent } }));
  line.advanceToNext();
  line.advance(match[0].length);
  return 'leaf';
}

const BLOCK_TAGS =
  'address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|' +
  'fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|' +
  'menuitem|nav|noframes|ol|optgroup|option|p|param|section|source|summary|table|tbody|td|tfoot|th|thead|title|tr|' +
  'track|ul';

const ATTRIBUTE = '(?:\\s+[a-zA-Z_:][\\w:.-]*(?:\\s*=\\s*(?:[^"\'=<>`\\s]+|\'[^\']*\'|"[^"]*"))?)';
export const OPEN_TAG = `<[A-Za-z][A-Za-z0-9-]*${ATTRIBUTE}*\\s*/?>`;
export const CLOSE_TAG = '</[A-Za-z][A-Za-z0-9-]*\\s*>';

/** Begin and end of raw HTML; without an end the next blank line ends it. */
const HTML_KINDS = [
  { begin: /^<(?:script|pre|style|textarea)(?:\s|>|$)/i, end: /<\/(?:script|pre|style|textarea)>/i },
  { begin: /^<!--/, end: /-->/ },
  { begin: /^<[?]/, end: /\?>/ },
  { begin: /^<![A-Za-z]/, end: />/ },
  { begin: /^<!\[CDATA\[/, end: /\]\]>/ },
  { begin: new RegExp(`^</?(?:${BLOCK_TAGS})(?:\\s|/?>|$)`, 'i'), end: null },
  { begin: new RegExp(`^(?:${OPEN_TAG}|${CLOSE_TAG})\\s*$`, 'i'), end: null, notInParagraph: true },
];

function htmlBlock(parser, container, line) {
  if (line.indented || line.peek() !== '<') return null;
  const inParagraph = container.type === 'paragraph' || (parser.tip.type === 'paragraph' && !line.blank);
  const kind = HTML_KINDS.find((k) => k.begin.test(line.rest) && !(k.notInParagraph && inParagraph));
  if (!kind) return null;
  parser.closeUnmatched();
  parser.add(new Node('html', { end: kind.end }));
  return 'leaf';
}

function setextHeading(parser, container, line) {
  if (line.indented || container.type !== 'paragraph') return null;
  const match = /^(?:=+|-+)[ \t]*$/.exec(line.rest);
  if (!match) return null;
  parser.closeUnmatched();
  takeDefinitions(container, parser);
  if (container.text === '') return null;
  const heading = new Node('heading', { level: match[0][0] === '=' ? 1 : 2, text: container.text });
  container.replaceWith(heading);
  parser.tip = heading;
  line.consume();
  return 'leaf';
}

function thematicBreak(parser, _, line) {
  if (line.indented || !/^(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$/.test(line.rest)) return null;
  parser.closeUnmatched();
  parser.add(new Node('break'));
  line.consume();
  return 'leaf';
}

function listItem(parser, container, line) {
  if (line.indented && container.type !== 'list') return null;
  const marker = listMarker(container, line);
  if (!marker) return null;
  parser.closeUnmatched();
  const { tip } = parser;
  if (tip.type !== 'list' || tip.ordered !== marker.ordered || tip.delimiter !== marker.delimiter) {
    const { ordered, delimiter, start } = marker;
    parser.add(new Node('list', { ordered, delimiter, start, tight: true }));
  }
  parser.add(new Node('item', { contentIndent: marker.contentIndent, startsAt: parser.lineNumber }));
  return 'container';
}

function listMarker(container, line) {
  if (line.indent >= 4) return null;
  const { rest, indent } = line;
  const match = /^([*+-])(?=[ \t]|$)/.exec(rest) ?? /^(\d{1,9})([.)])(?=[ \t]|$)/.exec(rest);
  if (!match) return null;
  const ordered = match[2] !== undefined;
  const width = match[0].length;
  if (container.type === 'paragraph') {
    // Only a list that begins with 1, and not with an empty item, may interrupt a paragraph.
    if ((ordered && Number(match[1]) !== 1) || rest.slice(width).trim() === '') return null;
  }
  line.advanceToNext();
  line.advance(width, true);
  const reset = line.mark();
  const from = line.column;
  do line.advance(1, true);
  while (line.column - from < 5 && line.spaceHere);
  let spaces = line.column - from;
  if (spaces >= 5 || spaces < 1 || line.offset === line.text.length) {
    spaces = 1;
    reset();
    if (line.spaceHere) line.advance(1, true);
  }
  return {
    ordered,
    delimiter: ordered ? match[2] : match[1],
    start: ordered ? Number(match[1]) : null,
    contentIndent: indent + width + spaces,
  };
}

function indentedCode(parser, _, line) {
  if (!line.indented || parser.tip.type === 'paragraph' || line.blank) return null;
  line.advance(4, true);
  parser.closeUnmatched();
  parser.add(new Node('code'));
  return 'leaf';
}
