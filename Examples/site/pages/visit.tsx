// SPDX-License-Identifier: Apache-2.0
import { Table } from '../components.js';
import { h } from '../lib/html.js';
import { Day } from '../model.js';
import type { Hours, Museum } from '../model.js';
import type { Page } from './page.js';

export default function visit({ hours, prices }: Museum): Page {
  const today: Day = Day.Saturday;
  const money = (cents: number) => (cents === 0 ? 'free' : `€${(cents / 100).toFixed(2)}`);
  const body = [
    <h2>Hours</h2>,
    <Table<Hours>
      rows={hours}
      columns={[
        { head: 'Day', cell: ({ day }) => (day === today ? <b>{Day[day]}</b> : Day[day]) },
        { head: 'Open', cell: String },
      ]}
    />,
    <h2>Tickets</h2>,
    <ul>
      {Object.entries(prices).map(([who, cents]) => (
        <li>
          {who}: {money(cents)}
        </li>
      ))}
    </ul>,
    <form action="/visit/?group=1&lang=en" method="post">
      <label htmlFor="size">How many are you?</label> <input id="size" name="size" type="number" min={10} required />
      <button disabled={false}>Ask for a tour</button>
    </form>,
  ];
  return { path: '/visit/', title: 'Your visit', body };
}
