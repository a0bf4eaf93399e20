import type { Connect } from './core/connect.ts';
import type { Diagnose } from './core/diagnosis/diagnosis.ts';
import type { opensshTerminal as OpensshTerminal } from './transport/openssh/terminalCommand.ts';
import type { readConfiguredHosts as ReadConfiguredHosts } from './transport/sshConfig/configuredHosts.ts';

/* Protocols, what diagnoses them and what reads ssh_config are loaded when they are needed first, not when a window opens. */

export const connect: Connect = async (host, context) => (await import('./transport/index.ts')).connect(host, context);

export const diagnose: Diagnose = async (host, visit) => (await import('./transport/diagnosis/diagnose.ts')).diagnose(host, visit);

export const readConfiguredHosts: typeof ReadConfiguredHosts = async (...given) =>
  (await import('./transport/sshConfig/configuredHosts.ts')).readConfiguredHosts(...given);

export const opensshTerminal: typeof OpensshTerminal = async (...given) =>
  (await import('./transport/openssh/terminalCommand.ts')).opensshTerminal(...given);

export const localRemote = async () => (await import('./transport/local/localRemote.ts')).createLocalRemote();
