// SPDX-License-Identifier: Apache-2.0
// All that JSX needs: `h` makes HTML of an element, and text is escaped on its way into it.

/** HTML, as opposed to text, which still has to be escaped. */
export class Html {
  constructor(readonly text: string) {}
}

export type Child = Html | string | number | boolean | null | undefined | readonly Child[];
type Props = Record<string, unknown> & { children?: Child };
type Component = (props: never) => Html;

const VOID = new Set(['br', 'hr', 'img', 'input', 'link', 'meta']);
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escape = (text: string): string => text.replace(/[&<>"']/g, (found) => ESCAPES[found]!);

function render(child: Child): string {
  if (child instanceof Html) return child.text;
  if (child === null || child === undefined || typeof child === 'boolean') return '';
  return typeof child === 'object' ? child.map(render).join('') : escape(String(child));
}

export function Fragment({ children }: { children?: Child }): Html {
  return new Html(render(children));
}

export function h(type: string | Component, given: Props | null, ...children: Child[]): Html {
  const props = given ?? {};
  if (typeof type === 'function') return type({ ...props, children } as never);
  const attributes = Object.entries(props).map(([name, value]) => {
    if (value === false || value === null || value === undefined) return '';
    return value === true ? ` ${name}` : ` ${name}="${escape(String(value))}"`;
  });
  const start = `<${type}${attributes.join('')}>`;
  return new Html(VOID.has(type) ? start : `${start}${render(children)}</${type}>`);
}

declare global {
  namespace JSX {
    type Element = Html;
    interface ElementChildrenAttribute { children: unknown }
    interface IntrinsicElements { [name: string]: Record<string, unknown> }
  }
}
