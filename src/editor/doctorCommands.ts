import { workspace } from 'vscode';
import type { Diagnose } from '../core/diagnosis/diagnosis.ts';
import type { Disposable } from '../core/events.ts';
import type { Guard } from '../core/guard.ts';
import type { Host } from '../core/host.ts';
import type { Log } from '../core/log.ts';
import type { PoolContext } from '../core/pool.ts';
import type { RegisterCommand } from './command.ts';
import { DiagnosisDocuments, diagnosisScheme } from './diagnosisDocuments.ts';
import type { DoctorContext } from './doctor.ts';
import type { SavedHosts } from './hosts.ts';
import type { SshConfigHosts } from './sshConfigHosts.ts';
import type { TypedSecrets } from './typedSecrets.ts';

interface DoctorOptions {
  readonly hosts: SavedHosts;
  readonly configured: SshConfigHosts;
  readonly findHost: (name: string) => Host | undefined;
  readonly guard: Guard;
  readonly diagnose: Diagnose;
  readonly typed: TypedSecrets;
  /** With what hosts are connected otherwise. */
  readonly connections: PoolContext;
  readonly log: Log;
}

/** The doctor's commands and documents. What they do is loaded when the first of them is used. */
export function registerDoctor(register: RegisterCommand, options: DoctorOptions): Disposable {
  const { hosts } = options;
  const documents = new DiagnosisDocuments();
  const context = { ...visiting(options), documents };
  const registered: Disposable[] = [
    documents,
    workspace.registerTextDocumentContentProvider(diagnosisScheme, documents),
    register('ferry.diagnose', async (chosen) => (await import('./doctor.ts')).diagnoseHost(context, chosen)),
    register('ferry.copyDiagnosis', async (chosen) => (await import('./doctor.ts')).copyDiagnosis(documents, chosen)),
    register('ferry.applyRecommended', async (chosen) => {
      const diagnosis = documents.of(chosen);
      if (diagnosis !== undefined) await (await import('./applyRecommended.ts')).applyRecommended(hosts, diagnosis);
    }),
  ];
  return { dispose: () => registered.forEach((one) => one.dispose()) };
}

function visiting({
  hosts,
  configured,
  findHost,
  guard,
  diagnose,
  typed,
  connections,
  log,
}: DoctorOptions): Omit<DoctorContext, 'documents'> {
  const { prompts, trust, profiles, reach } = connections;
  return {
    ...{ hosts, configured, guard, diagnose },
    findHost: (name) => findHost(name) ?? configured.find(name),
    connecting: ({ name }) => ({
      ...{ prompts, trust, reach, log: connections.log(name), profile: profiles.get(name) },
      learn: (facts) => profiles.learn(name, facts),
    }),
    refusal: (host) => connections.mayConnect(host),
    accepted: ({ name }) => void typed.accepted(name).catch((error: unknown) => log.error(String(error))),
  };
}
