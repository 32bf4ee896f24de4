// SPDX-License-Identifier: Apache-2.0
import { a } from './a.js';
import { b } from './b.mjs';
import type { Shape } from './types.js';
import { real } from './real.js';
import View from './view.jsx';

const shape: Shape = { side: 2 };
enum Colour { Red = 1, Blue = 'blue' }
console.log(a satisfies string, b, shape.side, Colour.Red, Colour.Blue);
console.log(real, View<string>('x'));
console.log(((await import('./a.js')) as { a: string }).a === a);
console.log(((await import('./a.ts')) as { a: string }).a === a, evaluations);
try {
  await import('./none.js');
} catch (error: unknown) {
  console.log((error as Error).name);
}
declare const evaluations: number;
abstract class Base { constructor(protected readonly name: string) {} abstract greet(): string }
class Person extends Base { greet(): string { return `I am ${this.name!}`; } }
console.log(new Person('a class').greet());
