// SPDX-License-Identifier: Apache-2.0
// The museum: what stands in data.json, checked and joined.

import raw from './data.json' with { type: 'json' };
import { Format } from './lib/format.js';
import { Registry } from './lib/registry.js';
import type { Identified } from './lib/registry.js';

export enum Material {
  Brass = 'brass',
  Glass = 'glass',
  Iron = 'iron',
  Leather = 'leather',
  Paper = 'paper',
  Wood = 'wood',
}

/** How fragile a thing is; the greater, the more so. */
export const enum Care {
  Touch = 0,
  Look = 1,
  Glass = 2,
  Dark = Glass << 1,
}

export enum Day {
  Monday,
  Tuesday,
  Wednesday,
  Thursday,
  Friday,
  Saturday,
  Sunday,
}

type RawThing = (typeof raw.things)[number];
type RawHours = (typeof raw.hours)[number];

export interface Sized {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
}

/** Anything that has a page of its own. */
export abstract class Entry implements Identified {
  abstract readonly id: string;
  protected abstract readonly section: string;

  constructor(public readonly title: string) {}

  get path(): string {
    return `/${this.section}/${this.id}/`;
  }

  abstract get summary(): string;
}

export class Room extends Entry {
  protected readonly section = 'rooms';

  constructor(
    public readonly id: string,
    title: string,
    public readonly floor: number,
    private readonly text: string,
  ) {
    super(title);
  }

  get summary(): string {
    return this.text;
  }
}

export class Thing extends Entry {
  readonly id: string;
  protected readonly section = 'things';

  constructor(
    title: string,
    readonly year: number,
    readonly room: Room,
    readonly materials: readonly Material[],
    readonly size: Sized,
    readonly grams: number | null,
    readonly care: Care,
    private readonly description: string,
    readonly related: readonly string[] = [],
  ) {
    super(title);
    this.id = Format.slug(title);
  }

  get summary(): string {
    return this.description;
  }

  get measures(): string {
    const { width, height, depth } = this.size;
    const sides = depth === undefined ? [width, height] : [width, height, depth];
    return sides.map(Format.centimetres).join(' × ');
  }

  static from(thing: RawThing, rooms: Registry<Room>): Thing {
    const { size } = thing;
    const [width, height, depth] = size as [number, number, number?];
    return new Thing(
      thing.title,
      thing.year,
      rooms.get(thing.room),
      thing.materials.map(materialOf),
      depth === undefined ? { width, height } : { width, height, depth },
      thing.grams,
      careOf(thing.care),
      thing.text,
      'related' in thing ? (thing.related as string[]) : undefined,
    );
  }
}

function materialOf(name: string): Material {
  const known = Object.values(Material) as string[];
  if (!known.includes(name)) throw new TypeError(`${name} is none of ${Format.list(known, 'or')}`);
  return name as Material;
}

function careOf(name: string): Care {
  switch (name) {
    case 'touch':
      return Care.Touch;
    case 'look':
      return Care.Look;
    case 'glass':
      return Care.Glass;
    case 'dark':
      return Care.Dark;
    default:
      throw new TypeError(`no such care: ${name}`);
  }
}

export class Hours {
  private constructor(
    readonly day: Day,
    readonly open: number | null,
    readonly close: number | null,
  ) {}

  static from({ day, open, close }: RawHours): Hours {
    const index = Day[day as keyof typeof Day];
    return new Hours(index, Hours.#minutes(open), Hours.#minutes(close));
  }

  static #minutes(text: string | null): number | null {
    const match = text === null ? null : /^(?<hour>\d\d):(?<minute>\d\d)$/.exec(text);
    return match?.groups ? Number(match.groups['hour']) * 60 + Number(match.groups['minute']) : null;
  }

  get length(): number {
    return this.open === null || this.close === null ? 0 : this.close - this.open;
  }

  toString(): string {
    if (this.open === null || this.close === null) return 'closed';
    const time = (minutes: number) => `${Math.floor(minutes / 60)}.${String(minutes % 60).padStart(2, '0')}`;
    return `${time(this.open)}–${time(this.close)}`;
  }
}

const rooms = new Registry('room', raw.rooms.map((r) => new Room(r.id, r.title, r.floor, r.text)));
const things = new Registry('thing', raw.things.map((thing) => Thing.from(thing, rooms)));

export const museum = {
  name: raw.name,
  motto: raw.motto,
  rooms,
  things,
  hours: raw.hours.map(Hours.from),
  prices: raw.prices as Readonly<Record<string, number>>,
} as const;

export type Museum = typeof museum;
