import type { StationKind } from '../connect.ts';

/** What speaks at a port, as far as its first words tell. */
export type Service = 'ssh' | 'ftp' | 'ftpWithTls' | 'ftpImplicit' | 'http' | 'https' | 'tls' | 'silent' | 'closed' | 'other';

/** One thing about a host that a person should know. Texts are raw: they may come from the server. */
export type Finding =
  | { readonly kind: 'nameUnknown'; readonly said: string }
  | { readonly kind: 'portClosed' }
  | { readonly kind: 'noAnswer' }
  /** Addresses of this family don't answer, those of the other do. */
  | { readonly kind: 'familyBroken'; readonly family: 4 | 6; readonly address: string }
  /** Something else than the host's protocol speaks at its port. */
  | { readonly kind: 'otherService'; readonly service: Service; readonly said: string }
  /** A server that could be meant speaks at another port. */
  | { readonly kind: 'serviceElsewhere'; readonly service: Service; readonly port: number }
  /** AUTH TLS was refused. */
  | { readonly kind: 'noExplicitTls'; readonly said: string }
  /** Plain FTP is used, and the server has TLS. */
  | { readonly kind: 'tlsOffered' }
  | { readonly kind: 'certificateName'; readonly names: readonly string[] }
  | { readonly kind: 'certificateProblem'; readonly problem: string }
  | { readonly kind: 'identityChanged'; readonly said: string }
  | { readonly kind: 'tlsVersion'; readonly version: string | undefined; readonly said: string }
  | { readonly kind: 'noCommonAlgorithm'; readonly said: string }
  | { readonly kind: 'keyRefused'; readonly methods: readonly string[]; readonly tried: readonly string[] }
  /** Ferry's own SSH has nothing that the server takes; the person's `ssh` is there and may have. */
  | { readonly kind: 'needsOpenssh'; readonly said: string; readonly hint: string | undefined }
  | { readonly kind: 'loginRefused'; readonly said: string; readonly hint: string | undefined }
  | { readonly kind: 'loginWantsTls'; readonly said: string }
  | { readonly kind: 'crowded'; readonly said: string }
  /** The log-in succeeded, and no SFTP server speaks then. */
  | { readonly kind: 'noSftp'; readonly said: string }
  | { readonly kind: 'noShell'; readonly said: string }
  /** It is what lies between here and the server that does not let us through. */
  | {
      readonly kind: 'stationFailed';
      readonly what: StationKind;
      readonly name: string;
      readonly said: string;
      readonly hint: string | undefined;
    }
  | { readonly kind: 'connectFailed'; readonly said: string; readonly hint: string | undefined }
  | { readonly kind: 'passiveWrongAddress'; readonly named: string; readonly real: string }
  | { readonly kind: 'passiveBlocked' }
  | { readonly kind: 'activeBlocked' }
  | { readonly kind: 'dataBlocked' }
  /** At this address of another family than the used one the log-in works, and no data connection. */
  | { readonly kind: 'familyData'; readonly family: 4 | 6; readonly address: string }
  | { readonly kind: 'sessionReuseRequired' }
  /** `instead`: the same folder as this login sees it. */
  | { readonly kind: 'rootMissing'; readonly root: string; readonly instead: string | undefined }
  /** `command` lists it whole. `refused`: MLSD is, or `LIST -a` yields nothing; else MLSD leaves out entries, such as `hidden`. */
  | {
      readonly kind: 'listing';
      readonly command: 'LIST' | 'LIST -a';
      readonly refused: 'MLSD' | 'LIST -a' | undefined;
      readonly hidden: readonly string[];
    }
  | { readonly kind: 'charset'; readonly charset: string; readonly example: string }
  | { readonly kind: 'notWritable'; readonly folder: string; readonly said: string }
  | { readonly kind: 'scratchLeft'; readonly path: string }
  /** The server's clock, ahead of ours by so many seconds. */
  | { readonly kind: 'clockOff'; readonly seconds: number }
  /**
   * Minutes that times are ahead of UTC: those of listings (as on most servers), which are the only ones that some have, or those of MDTM and
   * MLSD, which must be in UTC. `zone`: one that is so far ahead now, as `parseTimeZone` reads it.
   */
  | {
      readonly kind: 'timeZone';
      readonly minutes: number;
      readonly of: 'listing' | 'onlyListing' | 'times';
      readonly zone: string;
    }
  | { readonly kind: 'connectionLimit'; readonly count: number };
