import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { sshString, uint32, WireReader } from '../../src/transport/sftp/wire.ts';

export interface FidoAgent {
  readonly socket: string;
  /** A file of authorized keys with its key. */
  writePublicLine(file: string): void;
  /** How often it signed. */
  signed(): number;
  end(): void;
}

const type = 'sk-ssh-ed25519@openssh.com';
const application = 'ssh:';

/** An SSH agent with one Ed25519 key that signs as a FIDO device does (OpenSSH's PROTOCOL.u2f), touched at once. */
export async function startFidoAgent(folder: string): Promise<FidoAgent> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const blob = Buffer.concat([type, point, application].map(sshString));
  const socket = join(folder, 'socket');
  let counter = 0;
  const answer = (request: Buffer): Buffer => {
    if (request[0] === 11) return Buffer.concat([Buffer.from([12]), uint32(1), sshString(blob), sshString('a device')]);
    const reader = new WireReader(request.subarray(1));
    reader.string();
    const hash = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();
    const touched = Buffer.concat([Buffer.from([1]), uint32(++counter)]);
    const raw = sign(null, Buffer.concat([hash(application), touched, hash(reader.string())]), privateKey);
    return Buffer.concat([Buffer.from([14]), sshString(Buffer.concat([sshString(type), sshString(raw), touched]))]);
  };
  const server = createServer((connection) => {
    let bytes = Buffer.alloc(0);
    connection
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (bytes.length < 4 || bytes.length < 4 + bytes.readUInt32BE(0)) return;
        connection.write(sshString(answer(bytes.subarray(4))));
        bytes = Buffer.alloc(0);
      });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    writePublicLine: (file) => writeFileSync(file, `${type} ${blob.toString('base64')} a device\n`),
    signed: () => counter,
    end: () => server.close(),
  };
}
