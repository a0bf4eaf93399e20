import type { Connect } from './core/connect.ts';
import type { Diagnose } from './core/diagnosis/diagnosis.ts';
import type { discardOn as DiscardOn } from './core/operations/discard.ts';
import type { offerInterruptedSaves as OfferInterruptedSaves } from './editor/interruptedSaves.ts';
import type { opensshTerminal as OpensshTerminal } from './transport/openssh/terminalCommand.ts';
import type { readConfiguredHosts as ReadConfiguredHosts } from './transport/sshConfig/configuredHosts.ts';

/* Protocols, what diagnoses them, and what else few windows need is loaded when it is needed first, not when a window opens. */

export const connect: Connect = async (host, context) => (await import('./transport/index.ts')).connect(host, context);

export const diagnose: Diagnose = async (host, visit) => (await import('./transport/diagnosis/diagnose.ts')).diagnose(host, visit);

export const readConfiguredHosts: typeof ReadConfiguredHosts = async (...given) =>
  (await import('./transport/sshConfig/configuredHosts.ts')).readConfiguredHosts(...given);

export const opensshTerminal: typeof OpensshTerminal = async (...given) =>
  (await import('./transport/openssh/terminalCommand.ts')).opensshTerminal(...given);

export const localRemote = async () => (await import('./transport/local/localRemote.ts')).createLocalRemote();

export const discardOn: typeof DiscardOn =
  (host) =>
  async (...given) =>
    (await import('./core/operations/discard.ts')).discardOn(host)(...given);

export const offerInterruptedSaves: typeof OfferInterruptedSaves = async (...given) =>
  (await import('./editor/interruptedSaves.ts')).offerInterruptedSaves(...given);
