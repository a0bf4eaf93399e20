import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnosis, DiagnosisLimits } from '../../src/core/diagnosis/diagnosis.ts';
import type { Finding } from '../../src/core/diagnosis/finding.ts';
import type { Host } from '../../src/core/host.ts';
import { diagnose } from '../../src/transport/diagnosis/diagnose.ts';
import { startHostileFtp, type HostileScript } from '../servers/hostileFtp.ts';
import { startPyftpdlib, type PyftpdlibQuirk } from '../servers/pyftpdlib.ts';
import type { TestServer } from '../servers/server.ts';
import { describeWithServer } from './ftp.ts';
import { connectContext, type Script, type TestContext } from './prompts.ts';

/** Short patience; no other ports than the host's are looked at. */
const limits: DiagnosisLimits = { connect: 1500, silence: 400, data: 1500, usualPorts: [] };

export interface Diagnosed {
  readonly diagnosis: Diagnosis;
  readonly context: TestContext;
  /** The first finding of that kind. */
  readonly found: <K extends Finding['kind']>(kind: K) => Extract<Finding, { readonly kind: K }> | undefined;
  /** What was noted in a step, in one text. */
  readonly noted: (id: string) => string;
}

export interface DiagnosingOptions {
  readonly script?: Script;
  readonly mayWrite?: boolean;
  readonly context?: Parameters<typeof connectContext>[1];
  readonly limits?: Partial<DiagnosisLimits>;
}

/** The doctor's visit to `host`. */
export async function diagnosed(host: Host, options: DiagnosingOptions = {}): Promise<Diagnosed> {
  const context = connectContext(options.script, options.context);
  const { prompts, trust, log, profile, reach, signal } = context;
  const diagnosis = await diagnose(host, {
    ...{ prompts, trust, log, profile, reach, signal },
    learn: (facts) => context.learn(facts),
    mayWrite: options.mayWrite ?? false,
    limits: { ...limits, ...options.limits },
  });
  return {
    diagnosis,
    context,
    found: (kind) => diagnosis.findings.find((finding) => finding.kind === kind) as never,
    noted: (id) =>
      diagnosis.steps
        .filter((step) => step.id === id)
        .flatMap(({ notes }) => notes)
        .join('\n'),
  };
}

/** As the person would who knows the server's password and certificate; `host` over what the server's says. */
export function diagnosedServer(server: TestServer, host: Partial<Host> = {}, options: DiagnosingOptions = {}): Promise<Diagnosed> {
  const { password, fingerprint } = server.secrets;
  const ftp = { ...server.host.ftp, ...host.ftp };
  return diagnosed({ ...server.host, ...host, ftp }, { ...options, script: { password, admit: fingerprint ?? false, ...options.script } });
}

/** Who takes any server for the right one and has a password. */
export const admitting: DiagnosingOptions = { script: { password: 'any', admit: true } };

/** The doctor's visit to an FTP server that does what a script says. */
export async function diagnoseScripted(
  script: HostileScript,
  options: DiagnosingOptions,
  check: (met: Diagnosed) => unknown,
): Promise<void> {
  const server = await startHostileFtp(script);
  try {
    await check(await diagnosed({ ...server.host, ftp: { ...server.host.ftp, mode: 'auto' } }, options));
  } finally {
    await server.stop();
  }
}

export interface QuirkVisit {
  /** Over what the server's host says. */
  readonly host?: Partial<Host>;
  /** Is there on the server. */
  readonly folder?: string;
}

/** A suite of one visit to a pyftpdlib with quirks. */
export function describeQuirk(
  title: string,
  quirks: readonly PyftpdlibQuirk[],
  check: (met: Diagnosed) => void,
  { host, folder }: QuirkVisit = {},
): void {
  describeWithServer(
    title,
    async () => startPyftpdlib({ quirks }),
    (server) => {
      it('is named', async () => {
        if (folder !== undefined) mkdirSync(join(server().root, folder));
        check(await diagnosedServer(server(), host));
      });
    },
  );
}
