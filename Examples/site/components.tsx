// SPDX-License-Identifier: Apache-2.0
// Pieces that several pages use.

import { Fragment, h, Raw } from './lib/html.js';
import type { Child } from './lib/html.js';
import { Format } from './lib/format.js';
import { Care } from './model.js';
import type { Entry, Museum, Thing } from './model.js';
import { MENU } from './pages/page.js';
import type { Page } from './pages/page.js';

interface WithChildren {
  children?: unknown;
}

export const Link = ({ to, children }: { to: Entry } & WithChildren) => (
  <a href={to.path}>{hasContent(children) ? children : to.title}</a>
);

const hasContent = (children: unknown): boolean => Array.isArray(children) && children.length > 0;

export function Card({ thing }: { thing: Thing }) {
  const delicate = thing.care >= Care.Glass;
  return (
    <article className={['card', ...(delicate ? ['delicate'] : [])]}>
      <h3>
        <Link to={thing} />
      </h3>
      <p>
        {Format.Year.of(thing.year)}, {Format.list(thing.materials)}
        {delicate && <small title="Kept behind glass"> ◊</small>}
      </p>
    </article>
  );
}

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => Child;
  readonly numeric?: boolean;
}

/** A table of anything: the columns say how a row is shown. */
export interface TableProps<T> {
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly caption?: string;
}

export const Table = <T,>({ rows, columns, caption }: TableProps<T>) => (
  <table>
    {caption === undefined ? null : <caption>{caption}</caption>}
    <thead>
      <tr>
        {columns.map(({ head, numeric = false }) => (
          <th scope="col" style={numeric ? { textAlign: 'right' } : undefined}>
            {head}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <tr>
          {columns.map(({ cell, numeric }) => (
            <td style={numeric ? { textAlign: 'right' } : null}>{cell(row)}</td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);

const STYLE = `
body { font: 1rem/1.5 serif; max-width: 48rem; margin: auto }
.card > h3 { margin: 0 } .delicate { background: #fffbe6 }
nav a + a::before { content: " · " }
`;

export function Layout({ museum, page, children }: { museum: Museum; page: Page } & WithChildren) {
  const home = page.path === '/';
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{home ? museum.name : `${page.title} – ${museum.name}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <style>{new Raw(STYLE)}</style>
      </head>
      <body>
        <nav aria-label="Main">
          {MENU.map(([path, title]) => (
            <a href={path} aria-current={path === page.path ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <main>
          <h1>{page.title}</h1>
          {children}
        </main>
        <footer>
          <>
            <hr />
            {museum.name} &mdash; <q>{museum.motto}</q>
          </>
        </footer>
      </body>
    </html>
  );
}
