// SPDX-License-Identifier: Apache-2.0
/** @jsx h */
/** @jsxFrag Fragment */
import { type Bird, birds } from '../birds.ts';
import { Layout } from '../layout.tsx';
import { Fragment, h, type Html } from '../lib.ts';

function List({ of: listed }: { of: readonly Bird[] }): Html {
  return <ul>{listed.map(({ id, name, latin }) => <li><a href={`/birds/${id}`}>{name}</a> <i>{latin}</i></li>)}</ul>;
}

export const home = (): Html => (
  <Layout title="Birds" path="/">
    <List of={birds} />
  </Layout>
);

export function bird(id: string): Html | undefined {
  const found = birds.find((bird) => bird.id === id);
  return found && (
    <Layout title={found.name} path={`/birds/${id}`}>
      <dl>
        <dt>Latin</dt><dd><i>{found.latin}</i></dd>
        <dt>Length</dt><dd>{found.centimetres} cm</dd>
        <dt>Says</dt><dd>{found.says}</dd>
      </dl>
    </Layout>
  );
}

export function search(query: string): Html {
  const found = query === '' ? [] : birds.filter(({ name }) => name.toLowerCase().includes(query.toLowerCase()));
  return (
    <Layout title="Search" path="/search">
      <form action="/search"><input name="q" value={query} autofocus /><button>Search</button></form>
      {query !== '' && (
        <>
          <p>{found.length} found for “{query}”</p>
          <List of={found} />
        </>
      )}
    </Layout>
  );
}
