import { RemoteError, toRemoteError } from '../errors.ts';
import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import type { Pool, RunOptions } from '../pool.ts';
import type { Remote } from '../remote.ts';

/** The link was lost at a moment when the server alone knows the outcome of a change: a new connection can ask it. */
export class UnsettledError extends RemoteError {
  /**
   * Looks on a new connection, finishes or undoes what was begun, and resolves as the change itself would have. Can be repeated.
   * Rejects where the change was not made and can't be made any more.
   */
  readonly settle: (remote: Remote, signal: AbortSignal | undefined) => Promise<unknown>;
  /** Called when nobody will settle it. */
  readonly giveUp: () => void;

  constructor(
    reason: RemoteError,
    settle: UnsettledError['settle'],
    { hint = reason.hint, giveUp = () => {} }: { readonly hint?: string | undefined; readonly giveUp?: () => void } = {},
  ) {
    super(reason.code, reason.message, {
      path: reason.path,
      host: reason.host,
      hint,
      retryable: false,
      dropsConnection: true,
      cause: reason,
    });
    this.settle = settle;
    this.giveUp = giveUp;
  }
}

/** How often in a row a settlement may lose its link as well. */
const attempts = 3;

/**
 * Runs a change with a connection of `host`. Where its link is lost and the outcome is open, new connections are asked what is true and the
 * change is finished: settles like the change. `uncertain` makes the error for when no connection tells.
 */
export async function runChange<T>(
  pool: Pool,
  host: Host,
  change: (remote: Remote, signal: AbortSignal) => Promise<T>,
  options: RunOptions & { readonly uncertain?: ((reason: UnsettledError) => RemoteError) | undefined } = {},
): Promise<T> {
  const { uncertain = unanswered, ...run } = options;
  const ended = { byPerson: false };
  const begin = async (remote: Remote, signal: AbortSignal): Promise<T> => {
    try {
      return await change(remote, signal);
    } catch (error) {
      ended.byPerson = signal.aborted;
      throw error;
    }
  };
  try {
    return await pool.run(host, begin, { changes: 'new', ...run });
  } catch (error) {
    if (!(error instanceof UnsettledError)) throw error;
    // Who cancels or disconnects wants no new connection.
    if (ended.byPerson) {
      error.giveUp();
      throw uncertain(error);
    }
    return (await settle(pool, host, error, run, uncertain)) as T;
  }
}

/** Settles like `change`, made by one call; where its link is lost before the answer, `settle` goes on. */
export async function orUnsettled<T>(change: Promise<T>, settle: (remote: Remote) => Promise<unknown>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    const reason = toRemoteError(error);
    throw reason.dropsConnection && !(reason instanceof UnsettledError) ? new UnsettledError(reason, settle) : reason;
  }
}

/** A settlement that loses its link as well may have a newer way on. */
async function settle(
  pool: Pool,
  host: Host,
  first: UnsettledError,
  options: RunOptions,
  uncertain: (reason: UnsettledError) => RemoteError,
): Promise<unknown> {
  let unsettled = first;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const asked = { reached: false };
    const ask = (remote: Remote, signal: AbortSignal): Promise<unknown> => {
      asked.reached = true;
      return unsettled.settle(remote, signal);
    };
    try {
      return await pool.run(host, ask, { ...options, repeatable: true, demanded: false, changes: 'begun' });
    } catch (error) {
      const reason = toRemoteError(error);
      if (reason instanceof UnsettledError) unsettled = reason;
      else if (asked.reached && !reason.dropsConnection && reason.code !== 'Cancelled') throw reason;
      else if (!asked.reached) break;
    }
  }
  unsettled.giveUp();
  throw uncertain(unsettled);
}

/** What a person is told when the server can't be asked. */
function unanswered(reason: UnsettledError): RemoteError {
  const message = t('The link was lost before the server answered, and it can not be asked whether it was done.');
  return new RemoteError('Lost', message, {
    path: reason.path,
    host: reason.host,
    hint: reason.hint ?? t('When the server can be reached again, look what is there.'),
    retryable: false,
    dropsConnection: false,
    cause: reason,
  });
}
