import type { Client, ParsedKey } from 'ssh2';

/**
 * What `ssh2` keeps private of its protocol layer, as of 1.17.0. Its public `authHandler` can't sign at once, can't look at a key
 * before asking for its passphrase, and takes the agent's keys only as a lump; its parser of the server's identification loses bytes.
 */
export interface Ssh2Protocol {
  readonly _handlers: Record<string, ((protocol: Ssh2Protocol, ...values: never[]) => void) | undefined>;
  /** Takes bytes of a chunk and returns where it stopped. Throws for what SSH does not allow. */
  _parse: (this: Ssh2Protocol, chunk: Buffer, from: number, to: number) => number;
  authNone(user: string): void;
  authPassword(user: string, password: string): void;
  authPK(user: string, key: ParsedKey, algorithm: string, sign?: (data: Buffer, use: (signature: Buffer) => void) => void): void;
  authKeyboard(user: string): void;
  authInfoRes(answers: readonly string[]): void;
  requestFailure(): void;
}

/** To be asked for after `client.connect()`. */
export function protocolOf(client: Client): Ssh2Protocol {
  return (client as unknown as { readonly _protocol: Ssh2Protocol })._protocol;
}
