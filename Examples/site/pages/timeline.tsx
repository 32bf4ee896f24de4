// SPDX-License-Identifier: Apache-2.0
import { Link } from '../components.js';
import { Format } from '../lib/format.js';
import { h } from '../lib/html.js';
import { by } from '../lib/registry.js';
import type { Museum } from '../model.js';
import type { Page } from './page.js';

const { Year } = Format;

export default async function timeline({ things }: Museum): Promise<Page> {
  // A page may take its time.
  await new Promise<void>((resolve) => setTimeout(resolve, 5));
  const centuries = [...things.group(({ year }) => Year.century(year))].sort(by(([century]) => century));
  const longest = Math.max(...centuries.map(([, all]) => all.length));
  const body = centuries.map(([century, all]) => (
    <section>
      <h2 style={{ borderLeftWidth: `${(all.length / longest).toFixed(2)}em`, borderLeftStyle: 'solid' }}>
        {Year.ordinal(century)} century
      </h2>
      <ol>
        {[...all].sort(by(({ year }) => year)).map((thing) => (
          <li value={thing.year}>
            <time dateTime={String(thing.year).padStart(4, '0')}>{Year.of(thing.year)}</time> <Link to={thing} />
          </li>
        ))}
      </ol>
    </section>
  ));
  return { path: '/timeline/', title: 'Timeline', body };
}
