// SPDX-License-Identifier: Apache-2.0
// JSX without a framework: `h` makes nodes, `renderToString` makes text of them.

export type Attribute = string | number | boolean | null | undefined | readonly string[] | Readonly<Style>;
export type Style = Record<string, string | number>;
export type Props = Record<string, unknown>;
export type Child = Node | string | number | boolean | null | undefined | readonly Child[];
export type Component<P> = (props: P) => Child;

export class Node {
  constructor(
    readonly type: string | Component<never> | typeof Fragment,
    readonly props: Readonly<Props>,
    readonly children: readonly Child[],
  ) {}
}

/** Text that is HTML already, and is not escaped. */
export class Raw extends Node {
  constructor(readonly html: string) {
    super('#raw', {}, []);
  }
}

export const Fragment = Symbol('Fragment');

export function h(type: Node['type'], props: Props | null, ...children: Child[]): Node {
  return new Node(type, props ?? {}, children);
}

const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => ESCAPES[c]!);

const NAMES: Readonly<Record<string, string>> = { className: 'class', htmlFor: 'for', dateTime: 'datetime' };

function attribute(name: string, value: Attribute): string {
  if (value === null || value === undefined || value === false) return '';
  const key = NAMES[name] ?? name;
  if (value === true) return ` ${key}`;
  return ` ${key}="${escape(attributeText(value))}"`;
}

function attributeText(value: Exclude<Attribute, boolean | null | undefined>): string {
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.join(' ');
  return Object.entries(value as Style)
    .map(([property, setting]) => `${property.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}: ${setting}`)
    .join('; ');
}

export function renderToString(child: Child): string {
  if (child === null || child === undefined || typeof child === 'boolean') return '';
  if (typeof child === 'string' || typeof child === 'number') return escape(String(child));
  if (!(child instanceof Node)) return child.map(renderToString).join('');
  if (child instanceof Raw) return child.html;

  const { type, props, children } = child;
  if (type === Fragment) return renderToString(children);
  if (typeof type === 'function') return renderToString((type as Component<Props>)({ ...props, children }));

  const name = type as string;
  const attributes = Object.entries(props).map(([key, value]) => attribute(key, value as Attribute));
  const open = `<${name}${attributes.join('')}>`;
  if (!VOID.has(name)) return `${open}${renderToString(children)}</${name}>`;
  if (children.length > 0) throw new TypeError(`<${name}> cannot have children`);
  return open;
}

declare global {
  namespace JSX {
    type Element = Node;
    type ElementType = string | ((props: never) => Child);
    interface ElementChildrenAttribute {
      children: unknown;
    }
    interface IntrinsicElements {
      [name: string]: Props;
    }
  }
}
