import { window } from 'vscode';
import { t } from '../core/l10n.ts';
import type { Pool } from '../core/pool.ts';
import type { Identity, TrustedIdentity } from '../core/prompts.ts';
import { safeText } from '../core/text.ts';
import { UntrustedError } from '../core/trust.ts';
import type { UntrustedIdentity } from '../core/trust.ts';
import { askChoice } from './choice.ts';
import { back } from './textInput.ts';
import type { SecretPlace } from './secrets.ts';
import type { Trust } from './trust.ts';

/**
 * The deliberate way on from a changed host key or certificate: shows both, and stores the new one if the person says so.
 * `names` are the hosts to look at. `forget` is to forget what could be given to whichever server is at that place now. Resolves to the name
 * of the host whose identity was replaced.
 */
export async function replaceIdentity(
  pool: Pool,
  trust: Trust,
  names: readonly string[],
  forget: (place: SecretPlace) => Promise<void>,
): Promise<string | undefined> {
  const found = names.flatMap((name) => {
    const { error } = pool.state(name);
    return error instanceof UntrustedError ? [{ name, identity: error }] : [];
  });
  if (found.length === 0) {
    void window.showInformationMessage(t('No host was refused because of a changed key or certificate. Connect first.'));
    return undefined;
  }
  const chosen = found.length === 1 ? found[0] : await chooseRefused(found);
  if (chosen === undefined) return undefined;
  const { verdict, presented, address, port } = chosen.identity;
  if (verdict === 'revoked') {
    void window.showErrorMessage(t('The key of {0} is declared revoked. It can not be accepted.', safeText(chosen.name, 80)));
    return undefined;
  }
  if (!(await confirm(chosen.name, chosen.identity))) return undefined;
  const protocol = presented.kind === 'hostKey' ? 'sftp' : 'ftps';
  await forget({ protocol, user: undefined, address, port });
  await trust.replace(presented.kind, address, port, { algorithm: algorithmOf(presented), fingerprint: presented.fingerprint });
  return chosen.name;
}

type Refused = { readonly name: string; readonly identity: UntrustedIdentity };

async function chooseRefused(found: readonly Refused[]): Promise<Refused | undefined> {
  const answer = await askChoice({
    title: t('Replace Host Key or Certificate'),
    placeholder: t('For which host?'),
    choices: found.map((refused) => ({
      value: refused,
      label: safeText(refused.name, 80),
      description: safeText(refused.identity.address, 200),
    })),
  });
  return answer === undefined || answer === back ? undefined : answer.value;
}

async function confirm(name: string, { address, port, presented, expected, source }: UntrustedIdentity): Promise<boolean> {
  const replace = t('Replace');
  const line = (identity: TrustedIdentity | Identity) =>
    `${'algorithm' in identity ? `${safeText(identity.algorithm, 80)} ` : ''}${safeText(identity.fingerprint, 120)}`;
  const detail = [
    t('Known until now ({0}):', safeText(source, 200)),
    ...expected.slice(0, 10).map(line),
    '',
    t('Shown by the server now:'),
    line(presented),
    ...(presented.kind === 'certificate' ? [safeText(presented.subject), safeText(presented.issuer)] : []),
    '',
    t('If nobody announced the change, somebody may be pretending to be this server. Ask its administrator before you go on.'),
  ].join('\n');
  const place = `${safeText(name, 80)} (${safeText(address, 200)}:${port})`;
  const question =
    presented.kind === 'hostKey' ? t('Accept another host key for {0}?', place) : t('Accept another certificate for {0}?', place);
  return (await window.showWarningMessage(question, { modal: true, detail }, replace)) === replace;
}

function algorithmOf(identity: Identity): string {
  return identity.kind === 'hostKey' ? identity.algorithm : 'sha256';
}

/** Lets the person pick servers whose accepted keys and certificates are forgotten; the next connection asks again. */
export async function forgetTrusted(trust: Trust): Promise<void> {
  const servers = trust.servers;
  if (servers.length === 0) {
    void window.showInformationMessage(t('There are no accepted host keys or certificates.'));
    return;
  }
  const items = servers.map((server) => ({
    server,
    label: `${server.address}:${server.port}`,
    description: server.kind === 'hostKey' ? t('host key') : t('certificate'),
    detail: server.identities.map(({ algorithm, fingerprint }) => `${safeText(algorithm, 80)} ${safeText(fingerprint, 120)}`).join(', '),
  }));
  const picked = await window.showQuickPick(items, {
    title: t('Forget Trusted Servers'),
    placeHolder: t('Servers to be asked about again at the next connection'),
    canPickMany: true,
  });
  for (const { server } of picked ?? []) await trust.forget(server);
}
