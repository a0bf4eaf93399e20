import { commands, Disposable } from 'vscode';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { RegisterCommand } from '../command.ts';
import type { SavedHosts } from '../hosts.ts';
import type { Row } from './rows.ts';

export interface RowKeysParts {
  readonly register: RegisterCommand;
  readonly hosts: SavedHosts;
  readonly selection: () => readonly Row[];
}

/** What a key of the view does with rows of one kind. */
type RowCommands = Partial<Record<Row['kind'], string>>;
const renames: RowCommands = { host: 'ferry.renameHost', group: 'ferry.renameGroup', bookmark: 'ferry.renameBookmark' };
const removals: RowCommands = { host: 'ferry.removeHost', group: 'ferry.removeGroup', bookmark: 'ferry.removeBookmark' };
const copies: RowCommands = { host: 'ferry.copyUri', bookmark: 'ferry.copyUri' };

/** The keys for rows that are no files: what they do hangs on what is selected, as a key has no row of its own. */
export function registerRowKeys({ register, hosts, selection }: RowKeysParts): Disposable {
  const passOn = (byKind: RowCommands, isChange: boolean) => async () => {
    const rows = selection();
    const [first] = rows;
    const command = first && byKind[first.kind];
    if (command === undefined || !rows.every(({ kind }) => kind === first?.kind)) return;
    if (isChange) refuseConfigured(hosts, rows);
    await commands.executeCommand(command, first, rows);
  };
  return Disposable.from(
    register('ferry.renameRow', passOn(renames, true)),
    register('ferry.removeRows', passOn(removals, true)),
    register('ferry.copyRows', passOn(copies, false)),
  );
}

function refuseConfigured(hosts: SavedHosts, rows: readonly Row[]): void {
  const configured = rows.find((row) => row.kind === 'host' && hosts.find(row.name) === undefined);
  if (configured?.kind !== 'host') return;
  const message = t('{0} is a host of your ssh config: it is renamed and removed in that file.', configured.name);
  throw new RemoteError('Unsupported', message, { host: configured.name });
}
