// SPDX-License-Identifier: Apache-2.0
type Props = Record<string, unknown> | null;
export const Fragment = 'fragment';
export function h(type: unknown, props: Props, ...children: unknown[]): unknown {
  return typeof type === 'function' ? type({ ...props, children }) : [type, props, ...children];
}
