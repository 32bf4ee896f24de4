// SPDX-License-Identifier: Apache-2.0
/** @jsx h */
/** @jsxFrag Fragment */
import { type Child, h, type Html } from './lib.ts';

const SECTIONS = [['/', 'Birds'], ['/about', 'About'], ['/search', 'Search']] as const;

export function Layout({ title, path, children }: { title: string; path: string; children?: Child }): Html {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title} · The rookery</title>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <nav>
          {SECTIONS.map(([href, name]) => <a href={href} aria-current={href === path && 'page'}>{name}</a>)}
        </nav>
        <main>
          <h1>{title}</h1>
          {children}
        </main>
      </body>
    </html>
  );
}
