// SPDX-License-Identifier: Apache-2.0
import { Card } from '../components.js';
import { Format } from '../lib/format.js';
import { Fragment, h } from '../lib/html.js';
import { by } from '../lib/registry.js';
import type { Museum } from '../model.js';
import type { Page } from './page.js';

export default function home(museum: Museum): Page {
  const { things, rooms, hours } = museum;
  const oldest = things.sorted(by((thing) => thing.year)).slice(0, 3);
  const weekly = hours.reduce((sum, { length }) => sum + length, 0) / 60;
  const body = (
    <>
      <p>
        {Format.plural(things.size, 'thing')} in {Format.plural(rooms.size, 'room')}, open for{' '}
        <strong>{weekly} hours</strong> a week. Salt, rope &amp; brass: everything here has been <em>used</em>.
      </p>
      <h2>The oldest three</h2>
      {oldest.map((thing) => (
        <Card thing={thing} />
      ))}
    </>
  );
  return { path: '/', title: museum.name, body };
}
