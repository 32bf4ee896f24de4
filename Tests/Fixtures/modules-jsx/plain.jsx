// SPDX-License-Identifier: Apache-2.0
import { h } from './h.ts';
export default (props) => <i title="a &amp; b">{JSON.stringify(props)}</i>;
