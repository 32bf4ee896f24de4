// SPDX-License-Identifier: Apache-2.0
/** @jsx h */
import { Layout } from '../layout.tsx';
import { h, type Html } from '../lib.ts';
import text from '../text/about.txt' with { type: 'text' };

export const about = (): Html => (
  <Layout title="About" path="/about">
    {text.trim().split('\n\n').map((paragraph) => <p>{paragraph}</p>)}
  </Layout>
);
