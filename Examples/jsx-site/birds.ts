// SPDX-License-Identifier: Apache-2.0

export interface Bird {
  readonly id: string;
  readonly name: string;
  readonly latin: string;
  readonly centimetres: number;
  readonly says: string;
}

export const birds: readonly Bird[] = [
  { id: 'rook', name: 'Rook', latin: 'Corvus frugilegus', centimetres: 46, says: 'kaah' },
  { id: 'jackdaw', name: 'Jackdaw', latin: 'Coloeus monedula', centimetres: 34, says: 'tchak' },
  { id: 'magpie', name: 'Magpie', latin: 'Pica pica', centimetres: 46, says: 'chac-chac' },
  { id: 'chough', name: 'Chough', latin: 'Pyrrhocorax pyrrhocorax', centimetres: 40, says: '"chee-ow" & <louder>' },
];
