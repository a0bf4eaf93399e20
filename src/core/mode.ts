/** Permission bits of POSIX, 0 to 0o7777, as people read and write them. */

export interface ModeBit {
  readonly bit: number;
  readonly who: 'owner' | 'group' | 'others' | 'special';
  readonly what: 'read' | 'write' | 'execute' | 'setuid' | 'setgid' | 'sticky';
}

const whos = ['owner', 'group', 'others'] as const;
const whats = ['read', 'write', 'execute'] as const;

/** All twelve, those of the owner first, the special ones last. */
export const modeBits: readonly ModeBit[] = [
  ...whos.flatMap((who, place) => whats.map((what, index) => ({ bit: 0o400 >> (place * 3 + index), who, what }))),
  { bit: 0o4000, who: 'special', what: 'setuid' },
  { bit: 0o2000, who: 'special', what: 'setgid' },
  { bit: 0o1000, who: 'special', what: 'sticky' },
];

/** As `ls` shows them: `rwxr-sr-x`. */
export function modeText(mode: number): string {
  const triple = (shift: number, special: number, letter: string): string => {
    const bits = (mode >> shift) & 7;
    const executes = (bits & 1) !== 0;
    const last = (mode & special) === 0 ? (executes ? 'x' : '-') : executes ? letter : letter.toUpperCase();
    return `${(bits & 4) === 0 ? '-' : 'r'}${(bits & 2) === 0 ? '-' : 'w'}${last}`;
  };
  return triple(6, 0o4000, 's') + triple(3, 0o2000, 's') + triple(0, 0o1000, 't');
}

/** Three digits, four where a special bit is set. */
export function octalText(mode: number): string {
  return mode.toString(8).padStart(3, '0');
}

/** Of three or four octal digits, a leading zero more is fine; undefined for anything else. */
export function parseOctal(text: string): number | undefined {
  const digits = /^\s*(?:0o?)?([0-7]{3,4})\s*$/i.exec(text)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** What is to become of each bit of a mode: it is set, or cleared, or (in neither) stays as it is with each entry. */
export interface ModeChange {
  readonly set: number;
  readonly clear: number;
}

export function changedMode(mode: number, { set, clear }: ModeChange): number {
  return (mode | set) & ~clear & 0o7777;
}

/** Of several modes: the bits that all have, and those that none has. */
export function sharedBits(modes: readonly number[]): ModeChange {
  const set = modes.reduce((all, mode) => all & mode, 0o7777);
  const any = modes.reduce((all, mode) => all | mode, 0);
  return { set: modes.length === 0 ? 0 : set, clear: 0o7777 & ~any };
}
