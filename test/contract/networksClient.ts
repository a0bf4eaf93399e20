import { toRemoteError } from '../../src/core/errors.ts';
import type { Host } from '../../src/core/host.ts';
import { connect } from '../../src/transport/index.ts';
import { endWithParent } from '../bench/parent.ts';
import { askedAt, connectContext, type Script } from '../support/prompts.ts';
import { tryOut } from './tryOut.ts';

/* The person's computer: a process in a network of its own, that connects when its parent says so. */

export interface Trial {
  readonly host: Host;
  /** What `host` may name. */
  readonly saved: readonly Host[];
  readonly script: Script;
  readonly rootOnServer: string;
}

/** What the person was asked, as `askedAt` says it, the host keys and certificates that were shown, and why it failed, if it did. */
export interface Outcome {
  readonly asked: readonly string[];
  readonly fingerprints: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

async function outcome({ host, saved, script, rootOnServer }: Trial): Promise<Outcome> {
  const findHost = (name: string): Host | undefined => saved.find((one) => one.name === name);
  const context = connectContext(script, { reach: { findHost, sshConfig: 'off', editorProxy: '' } });
  const error = await connect(host, context)
    .then((remote) => tryOut(remote, rootOnServer))
    .then(() => undefined, toRemoteError);
  const { prompts } = context;
  return {
    asked: askedAt(prompts),
    fingerprints: prompts.asked.flatMap((question) => (question.kind === 'admit' ? [question.request.identity.fingerprint] : [])),
    error: error && { code: error.code, message: error.message },
  };
}

process.on('message', (trial: Trial) => void outcome(trial).then((told) => process.send?.(told)));
endWithParent();
