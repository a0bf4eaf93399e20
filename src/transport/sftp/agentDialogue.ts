import ssh2 from 'ssh2';
import type { Duplex } from 'node:stream';
import { sshString, uint32, WireReader } from './wire.ts';

/* The protocol of SSH agents (draft-miller-ssh-agent), for keys that `ssh2` leaves out: certificates and those of FIDO devices. */

const message = { requestIdentities: 11, identities: 12, signRequest: 13, signature: 14 } as const;
/** Of RSA, SSH_AGENT_RSA_SHA2_256 and _512. */
const hashFlags: Readonly<Record<string, number>> = { sha256: 2, sha512: 4 };
const longestReply = 256 * 1024;
const mostKeys = 200;

export interface HeldKey {
  readonly blob: Buffer;
  readonly comment: string;
}

/** All keys that the agent at `socket` holds, of whatever type. Rejects where it does not answer in `ms`. */
export async function heldKeys(socket: string, ms: number): Promise<HeldKey[]> {
  const reader = replyOf(await ask(socket, Buffer.from([message.requestIdentities]), ms), message.identities);
  const count = Math.min(reader.uint32(), mostKeys);
  return Array.from({ length: count }, () => ({ blob: Buffer.from(reader.string()), comment: reader.text() }));
}

/** The signature with its name, and for a FIDO key with what its device adds. May wait for the person. Rejects where the agent refuses. */
export async function signWith(socket: string, blob: Buffer, data: Buffer, hash: string | undefined): Promise<Buffer> {
  const flags = uint32(hashFlags[hash ?? ''] ?? 0);
  const request = Buffer.concat([Buffer.from([message.signRequest]), sshString(blob), sshString(data), flags]);
  return Buffer.from(replyOf(await ask(socket, request, undefined), message.signature).string());
}

function replyOf(reply: Buffer, type: number): WireReader {
  if (reply[0] !== type) throw new Error('the agent refused');
  return new WireReader(reply.subarray(1));
}

interface StreamAgent {
  getStream(opened: (error: Error | null | undefined, stream: Duplex) => void): void;
}

function ask(socket: string, request: Buffer, ms: number | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    (ssh2.createAgent(socket) as unknown as StreamAgent).getStream((error, stream) => {
      if (error) {
        reject(error);
        return;
      }
      const settle = (how: () => void): void => {
        clearTimeout(timer);
        stream.destroy();
        how();
      };
      const fail = (why: string) => (): void => settle(() => reject(new Error(why)));
      const timer = ms === undefined ? undefined : setTimeout(fail('no answer in time'), ms);
      let reply = Buffer.alloc(0);
      stream.on('error', fail('the agent broke off')).on('close', fail('the agent broke off'));
      stream.on('data', (chunk: Buffer) => {
        reply = Buffer.concat([reply, chunk]);
        const length = reply.length < 4 ? undefined : reply.readUInt32BE(0);
        if (length !== undefined && length > longestReply) fail('an answer that is too long')();
        else if (length !== undefined && reply.length >= 4 + length) settle(() => resolve(reply.subarray(4, 4 + length)));
      });
      stream.write(sshString(request));
    });
  });
}
