// SPDX-License-Identifier: Apache-2.0
// What a page module exports, and the menu.

import type { Child } from '../lib/html.js';
import type { Museum } from '../model.js';

export interface Page {
  readonly path: string;
  readonly title: string;
  readonly body: Child;
}

/** A module's default export makes one page, or all pages of a kind. */
export type PageModule = {
  readonly default: (museum: Museum) => Page | Iterable<Page> | Promise<Page>;
};

export const MENU = [
  ['/', 'Museum'],
  ['/things/', 'Things'],
  ['/rooms/', 'Rooms'],
  ['/timeline/', 'Timeline'],
  ['/visit/', 'Visit'],
] as const;
