// SPDX-License-Identifier: Apache-2.0
import { Card, Link } from '../components.js';
import { Format } from '../lib/format.js';
import { h } from '../lib/html.js';
import { by } from '../lib/registry.js';
import { Material } from '../model.js';
import type { Museum } from '../model.js';
import type { Page } from './page.js';

const FLOORS = ['Ground floor', 'First floor', 'Attic'] as const;

export default function* rooms({ rooms, things }: Museum): Generator<Page, void> {
  const floors = [...rooms.group((room) => room.floor)].sort(by(([floor]) => floor));
  yield {
    path: '/rooms/',
    title: 'Rooms',
    body: floors.map(([floor, onIt]) => (
      <section id={`floor-${floor}`}>
        <h2>{FLOORS[floor] ?? `Floor ${floor}`}</h2>
        <ul>
          {onIt.map((room) => (
            <li>
              <Link to={room} />
            </li>
          ))}
        </ul>
      </section>
    )),
  };
  for (const room of rooms) {
    const inIt = things.filter((thing) => thing.room === room);
    const counts = Object.entries(Material)
      .map(([name, material]) => ({ name, count: inIt.filter((thing) => thing.materials.includes(material)).length }))
      .filter(({ count }) => count > 0)
      .sort(by(({ count }) => -count));
    yield {
      path: room.path,
      title: room.title,
      body: (
        <section>
          <p>{room.summary}</p>
          <p>{Format.list(counts.map(({ name, count }) => `${name} (${count})`))}</p>
          {inIt.map((thing) => (
            <Card thing={thing} />
          ))}
        </section>
      ),
    };
  }
}
