import type { Host } from '../../src/core/host.ts';

/** A server as the clients of the bench see it: plain data, handed from process to process. */
export interface Target {
  readonly name: string;
  readonly version: string;
  /** Its address is the one on the line. */
  readonly host: Host;
  readonly user: string;
  readonly password: string | undefined;
  readonly privateKey: string | undefined;
  /** The servers' folder on the disk, and as a client names it. */
  readonly root: string;
  readonly rootOnServer: string;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** Without the line: only processes at the server's end reach it. */
  readonly direct: { readonly address: string; readonly port: number };
}
