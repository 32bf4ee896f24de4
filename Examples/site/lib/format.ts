// SPDX-License-Identifier: Apache-2.0

/** How numbers and names are written on the pages. */
export namespace Format {
  const THIN = '\u2009';

  export const centimetres = (millimetres: number): string => `${(millimetres / 10).toFixed(1)}${THIN}cm`;

  export function weight(grams: number | null): string {
    if (grams === null) return 'not weighed';
    return grams < 1000 ? `${grams}${THIN}g` : `${(grams / 1000).toFixed(2)}${THIN}kg`;
  }

  export function list(items: readonly string[], last: 'and' | 'or' = 'and'): string {
    if (items.length < 2) return items.join('');
    return `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`;
  }

  export function plural(count: number, one: string, many = `${one}s`): string {
    return `${count} ${count === 1 ? one : many}`;
  }

  export function slug(text: string): string {
    return text
      .normalize('NFKD')
      .replace(/[\p{M}’']/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '');
  }

  export namespace Year {
    export const of = (year: number): string => (year < 0 ? `${-year} BC` : String(year));
    export const century = (year: number): number => Math.ceil(year / 100);

    export function ordinal(n: number): string {
      const teen = n % 100 >= 11 && n % 100 <= 13;
      const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
      return `${n}${ending}`;
    }
  }
}
