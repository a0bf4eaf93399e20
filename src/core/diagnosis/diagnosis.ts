import type { ConnectContext } from '../connect.ts';
import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import type { Finding } from './finding.ts';

/** What is looked at, in this order. Which of them there are depends on the protocol and on how far one comes. */
const titles = {
  way: () => t('The way to the server'),
  station: () => t('On the way'),
  names: () => t('Name resolution'),
  tcp: () => t('TCP connection'),
  greeting: () => t('What answers'),
  elsewhere: () => t('The usual ports'),
  login: () => t('Encryption and log-in'),
  features: () => t('What the server offers'),
  passive: () => t('Passive data connections'),
  active: () => t('Active data connections'),
  otherFamily: () => t('Data connections over the other version of IP'),
  sessionReuse: () => t('TLS session reuse'),
  folder: () => t('The folder'),
  listing: () => t('Listing and charset'),
  writing: () => t('Writing, renaming and deleting'),
  clock: () => t('Clock and time zone'),
  keepAlive: () => t('Keep-alive'),
  connections: () => t('Connections at once'),
  shell: () => t('Terminal'),
} satisfies Record<string, () => string>;

export type StepId = keyof typeof titles;

export function titleOf(id: StepId): string {
  return titles[id]();
}

/** `attention`: it works, but something is to be known about it. */
export type StepResult = 'works' | 'attention' | 'fails' | 'skipped';

export interface Step {
  readonly id: StepId;
  /** Of several of one kind: which; raw. */
  readonly subject?: string | undefined;
  readonly ms: number;
  readonly result: StepResult;
  /** What was seen, in plain words; raw server text may be in it. */
  readonly notes: readonly string[];
}

/** All that was found out about one host in one go. */
export interface Diagnosis {
  readonly host: Host;
  /** Ms since the epoch. */
  readonly startedAt: number;
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  /** The dialogue; no password or other answer of the person is in it, but names and addresses are. */
  readonly log: readonly string[];
  readonly loggedIn: boolean;
  /** Names, addresses and users of what is on the way, which a log to share does not tell. */
  readonly others: readonly string[];
}

export interface DiagnoseContext extends ConnectContext {
  /** The person allowed a scratch file in the host's folder, which is removed again. */
  readonly mayWrite: boolean;
  /** A step begins. */
  readonly onStep?: ((id: StepId) => void) | undefined;
  /** Over the product's own, for tests. */
  readonly limits?: Partial<DiagnosisLimits> | undefined;
}

export interface DiagnosisLimits {
  /** Ms for a TCP connection to each address. */
  readonly connect: number;
  /** Ms until a server that says nothing counts as silent. */
  readonly silence: number;
  /** Ms for a data connection of FTP to come up. */
  readonly data: number;
  /** Where servers are looked for when none answers where it should. */
  readonly usualPorts: readonly number[];
}

/** Rejects with `Cancelled` only; whatever else goes wrong is what it finds. */
export type Diagnose = (host: Host, context: DiagnoseContext) => Promise<Diagnosis>;
