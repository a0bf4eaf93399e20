import { window } from 'vscode';
import { toRemoteError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import type { Discard } from '../core/operations/moveOver.ts';
import { safeText } from '../core/text.ts';

/** The move is done by then, and succeeds whatever becomes of the old one: a person must be told where that is. */
export function tellWhatStays({ name }: Host, discard: Discard): Discard {
  return async (remote, aside, to) => {
    try {
      await discard(remote, aside, to);
    } catch (error) {
      const reason = toRemoteError(error);
      if (!reason.dropsConnection && reason.code !== 'NotFound') {
        const [path, host, why, kept] = [safeText(to, 200), safeText(name, 80), safeText(reason.message, 300), safeText(aside, 200)];
        void window.showWarningMessage(t('What was at {0} on {1} could not be put away: {2} It is kept as {3}.', path, host, why, kept));
      }
      throw error;
    }
  };
}
