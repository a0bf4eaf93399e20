import type { Host, HostProfile } from './host.ts';
import type { Lender } from './loans.ts';
import type { Log } from './log.ts';
import type { Identity, Prompts, TrustStore } from './prompts.ts';
import type { Remote } from './remote.ts';

/** All that a transport needs from outside to connect. */
export interface ConnectContext {
  readonly prompts: Prompts;
  readonly trust: TrustStore;
  readonly log: Log;
  readonly profile: HostProfile;
  /** Keeps what was learned; merged into the profile. */
  learn(facts: HostProfile): void;
  /** Other hosts and settings of the person that a connection may need. */
  readonly reach?: Reach | undefined;
  /** Of the pool that this connection is for. */
  readonly lender?: Lender | undefined;
  /** Aborting ends the attempt promptly with `Cancelled`. */
  readonly signal: AbortSignal;
  /** Is told what comes out on the way, for whoever shows it. Must not throw. */
  readonly observe?: ((fact: ConnectFact) => void) | undefined;
}

/** What is between here and a server. */
export type StationKind = 'jumpHost' | 'proxy' | 'proxyCommand';

/** What connecting to a host shows of it, in this order. Texts are raw: the server's. Of the hosts on the way only that they are passed is told. */
export type ConnectFact =
  /** It let us through or not, after `ms` of its own; `said`: what it is, or why not. */
  | {
      readonly kind: 'station';
      readonly what: Exclude<StationKind, 'proxyCommand'>;
      readonly name: string;
      readonly ms: number;
      readonly works: boolean;
      readonly said: string;
      readonly hint?: string | undefined;
    }
  /** The person's `ProxyCommand` was started (empty), wrote this to its standard error, or ended so. */
  | { readonly kind: 'proxyCommand'; readonly said: string }
  | {
      readonly kind: 'ssh';
      readonly software: string;
      readonly exchange: string;
      readonly hostKey: string;
      /** Of the host key, as `ssh-keygen -l` shows it; undefined where nobody told. */
      readonly fingerprint: string | undefined;
      readonly cipher: string;
    }
  /** The certificate was judged; nothing secret is sent yet. */
  | {
      readonly kind: 'tls';
      readonly version: string;
      readonly cipher: string;
      readonly certificate: Extract<Identity, { readonly kind: 'certificate' }>;
      readonly vouched: boolean;
      readonly isForOtherName: boolean;
    }
  /** What the server listed in the log-in (RFC 4252 §5.1). */
  | { readonly kind: 'methods'; readonly offered: readonly string[] }
  | { readonly kind: 'tried'; readonly what: string; readonly outcome: string }
  | { readonly kind: 'loggedIn' };

/** What connecting to one host may need to know beyond it. */
export interface Reach {
  /** A saved host, by its name: for the hosts to go through. */
  findHost(name: string): Host | undefined;
  /** The file in place of the usual ssh configs; `off`: none counts; undefined: the usual ones. */
  readonly sshConfig: string | undefined;
  /** For hosts that the person's own `ssh` carries; undefined: there can be none. */
  readonly openssh?: OpensshReach | undefined;
  /** VS Code's setting `http.proxy`; may hold a password. Empty: none. */
  readonly editorProxy: string;
  /** VS Code's setting `http.noProxy`: what that proxy is not for. Default: nothing. */
  readonly editorNoProxy?: readonly string[] | undefined;
}

export interface OpensshReach {
  /** The person's choice of the program; undefined: the one that is found. */
  readonly program: string | undefined;
  /** The file of `askpassProgram.ts`, built. */
  readonly askpass: string;
  /** A folder of this computer's user alone for what lives as long as a connection; made where it is missing. */
  readonly storage: string;
}

/** `transport/index.ts` is the one implementation in the product; the pool's tests bring their own. Throws only RemoteErrors. */
export type Connect = (host: Host, context: ConnectContext) => Promise<Remote>;
