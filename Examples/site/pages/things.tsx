// SPDX-License-Identifier: Apache-2.0
import { Link, Table } from '../components.js';
import { Format } from '../lib/format.js';
import { h } from '../lib/html.js';
import { by } from '../lib/registry.js';
import { Care } from '../model.js';
import type { Museum, Thing } from '../model.js';
import type { Page } from './page.js';

const CARE: Record<Care, string> = {
  [Care.Touch]: 'may be touched',
  [Care.Look]: 'please do not touch',
  [Care.Glass]: 'behind glass',
  [Care.Dark]: 'behind glass, in dim light',
};

export default function* things({ things }: Museum): Iterable<Page> {
  const title = 'All things';
  const rows = things.sorted(
    by((thing) => thing.title.toLowerCase()),
    by((thing) => thing.year),
  );
  yield {
    path: '/things/',
    title,
    body: (
      <Table
        caption={Format.plural(rows.length, 'thing')}
        rows={rows}
        columns={[
          { head: 'Thing', cell: (thing: Thing) => <Link to={thing} /> },
          { head: 'Year', cell: ({ year }) => Format.Year.of(year), numeric: true },
          { head: 'Room', cell: ({ room }) => <Link to={room} /> },
          { head: 'Weight', cell: ({ grams }) => Format.weight(grams), numeric: true },
        ]}
      />
    ),
  };
  for (const thing of things) {
    const related = thing.related.map((id) => things.get(id));
    yield {
      path: thing.path,
      title: thing.title,
      body: [
        <p data-year={thing.year}>{thing.summary}</p>,
        <dl>
          <dt>Made of</dt>
          <dd>{Format.list(thing.materials)}</dd>
          <dt>Measures</dt>
          <dd>
            {thing.measures}, {Format.weight(thing.grams)}
          </dd>
          <dt>Where</dt>
          <dd>
            <Link to={thing.room} />, {CARE[thing.care]}
          </dd>
        </dl>,
        related.length > 0 && (
          <p>
            See also:{' '}
            {related.map((other, i) => [i > 0 && ', ', <Link to={other} />])}
          </p>
        ),
      ],
    };
  }
}
