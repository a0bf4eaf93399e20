/** A host; commands of its menu receive it. */
export interface HostRow {
  readonly kind: 'host';
  readonly name: string;
}

/** Hosts are under it. */
export interface GroupRow {
  readonly kind: 'group';
  /** Unique among the groups. */
  readonly id: string;
  /** The group's names with `/` between; undefined for the hosts of the ssh config. */
  readonly path: string | undefined;
}

/** Of the view "Hosts". One thing has one object as its row, as VS Code tells rows apart by identity. */
export type Row = HostRow | GroupRow;

/** The rows that the view made: an argument that is none of them comes from somebody else. */
const made = new WeakSet<object>();

export function ownRow<T extends Row>(row: T): T {
  made.add(row);
  return row;
}

export function isHostRow(argument: unknown): argument is HostRow {
  return isRow(argument) && argument.kind === 'host';
}

export function isRow(argument: unknown): argument is Row {
  return typeof argument === 'object' && argument !== null && made.has(argument);
}
