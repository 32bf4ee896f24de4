// SPDX-License-Identifier: Apache-2.0
// Tables as GitHub writes them: a header row, a row of dashes and colons, then rows until a blank line.

import { Node } from './nodes.js';

const DELIMITERS = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** Splits a row at its bars, but not at those behind a backslash. */
export function cells(row) {
  const trimmed = row.trim().replace(/^\|/, '').replace(/(?<!\\)\|$/, '');
  return trimmed.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function alignment(cell) {
  const left = cell.startsWith(':');
  const right = cell.endsWith(':');
  if (left && right) return 'center';
  return right ? 'right' : left ? 'left' : null;
}

export function startTable(parser, container, line) {
  if (line.indented || container.type !== 'paragraph' || !DELIMITERS.test(line.rest)) return null;
  if (!line.rest.includes('|') && !line.rest.includes(':')) return null;
  const lines = container.text.trimEnd().split('\n');
  const header = lines.pop();
  const columns = cells(line.rest);
  if (cells(header).length !== columns.length) return null;

  parser.closeUnmatched();
  const table = new Node('table', { align: columns.map(alignment) });
  if (lines.length === 0) {
    container.replaceWith(table);
  } else {
    container.text = lines.join('\n') + '\n';
    parser.close(container);
    parser.tip.append(table);
  }
  parser.tip = table;
  addRow(table, header, true);
  line.consume();
  return 'leaf';
}

/** A row with too few cells gets empty ones; what is too much is left out. */
export function addRow(table, text, header = false) {
  const row = table.append(new Node('row', { header, open: false }));
  const texts = cells(text);
  table.align.forEach((align, i) => {
    row.append(new Node('cell', { align, header, open: false, text: texts[i] ?? '' }));
  });
}
