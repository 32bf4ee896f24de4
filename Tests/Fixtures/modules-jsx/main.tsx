// SPDX-License-Identifier: Apache-2.0
import { h, Fragment } from './h.js';
import Legacy from './plain.jsx';
import { Automatic } from './automatic/view.js';

const Greeting = ({ name, children }: { name: string; children?: unknown[] }) => <b class="x">Hello {name}{children}</b>;
console.log(JSON.stringify(<Greeting name="world">!{1 + 1}</Greeting>));
console.log(JSON.stringify(<><br /><Legacy {...{ a: 1 }} b /></>));
console.log(JSON.stringify(Automatic()));
