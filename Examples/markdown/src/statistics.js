// SPDX-License-Identifier: Apache-2.0
// What a document is made of.

import { plainText, walk } from './nodes.js';

const depthOf = (node) => (node.parent ? 1 + depthOf(node.parent) : 0);

export function statistics(root) {
  const nodes = new Map();
  const languages = new Map();
  const hosts = new Map();
  const words = new Map();
  let deepest = 0;
  let looseLists = 0;
  const count = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);

  for (const node of walk(root)) {
    count(nodes, node.type);
    deepest = Math.max(deepest, depthOf(node));
    if (node.type === 'list' && !node.tight) looseLists += 1;
    if (node.type === 'code' && node.info) count(languages, node.info.split(' ')[0]);
    if (node.type === 'link' || node.type === 'image') count(hosts, hostOf(node.destination));
    if (node.type === 'paragraph' || node.type === 'heading' || node.type === 'cell') {
      for (const [word] of plainText(node).matchAll(/\p{L}[\p{L}\p{M}’'-]*/gu)) count(words, word.toLowerCase());
    }
  }
  return { nodes, languages, hosts, words, deepest, looseLists };
}

function hostOf(destination) {
  const { groups } = /^(?<scheme>[a-z][a-z0-9+.-]*):(?:\/\/(?<host>[^/?#]+))?/i.exec(destination) ?? {};
  if (!groups) return '(this document)';
  return groups.host ?? `${groups.scheme}:`;
}

/** The largest entries first; equal ones by name. */
export const ranked = (map) => [...map].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
