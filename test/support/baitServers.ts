import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuthContext } from 'ssh2';
import { generate } from 'selfsigned';
import { packetType, statusCode } from '../../src/transport/sftp/protocol.ts';
import { sshString, uint32 } from '../../src/transport/sftp/wire.ts';
import type { HostSetting } from '../demo/servers.ts';
import { startHostileFtp } from '../servers/hostileFtp.ts';
import { bait, baitBytes, baitName, shownBaitName } from './bait.ts';
import { ScriptedSftp } from './scriptedSftp.ts';
import { sendRaw, startSshServer } from './sshServer.ts';

/** Servers that say bait wherever a server says anything. */
export interface BaitServers {
  readonly hosts: readonly HostSetting[];
  stop(): Promise<void>;
}

const said = baitBytes(bait);
const refused = `550 ${said}`;

/** `folder` is for files of theirs. */
export async function startBaitServers(folder: string): Promise<BaitServers> {
  const talking = await startHostileFtp({
    greeting: `220-${said}\r\n220 ${said}`,
    listing: listing(),
    on: {
      ...{ USER: `230 ${said}`, SYST: `215 UNIX ${said}`, PWD: `257 "/" ${said}`, CWD: `250 ${said}` },
      ...{ RETR: refused, DELE: refused, RNFR: refused, MKD: refused, STOR: `553 ${said}`, SIZE: refused, MLST: refused, RMD: refused },
    },
  });
  const refusing = await startHostileFtp({ on: { USER: `530 ${said}` } });
  const certificate = await baitCertificate(folder);
  const secured = await startHostileFtp({ tls: { certificate }, on: { PASS: `530 ${said}` } });
  const asking = await startSshServer((request) => {
    banner(asking.connections.at(-1)!);
    if (request.method !== 'keyboard-interactive') request.reject(['keyboard-interactive']);
    else ask(request, () => sendRaw(asking.connections.at(-1)!, message(1, uint32(2), sshString(bait), sshString(''))));
  });
  const failing = await startSshServer((request) => request.accept(), {
    onSubsystem(channel) {
      const sftp = new ScriptedSftp(['x@example.org']);
      sftp.onRequest = ({ id, type }) =>
        sftp.status(id, type === packetType.LSTAT ? statusCode.FAILURE : statusCode.PERMISSION_DENIED, bait);
      channel.pipe(sftp).pipe(channel);
    },
  });
  const at = { address: '127.0.0.1', user: 'ann', root: '/' };
  const ssh = { ...at, protocol: 'sftp', privateKeys: [] } as const;
  return {
    hosts: [
      { ...at, name: 'talking-ftp', protocol: 'ftp', port: talking.host.port },
      { ...at, name: 'refusing-ftp', protocol: 'ftp', port: refusing.host.port },
      { ...at, name: 'secured-ftps', protocol: 'ftps', port: secured.host.port },
      { ...ssh, name: 'asking-sftp', port: asking.port },
      { ...ssh, name: 'failing-sftp', port: failing.port },
    ],
    async stop() {
      await Promise.all([talking, refusing, secured, asking, failing].map((server) => server.stop()));
    },
  };
}

/** Facts of RFC 3659 with bait wherever there is room for text. */
function listing(): string {
  const modify = 'modify=20260101000000;';
  const [name, shown, owner] = [baitBytes(baitName), baitBytes(shownBaitName), '[click](command:canary.run)$(bug)'];
  const lines = [
    `type=file;size=5;${modify} ${name}`,
    `type=dir;${modify} folder ${name}`,
    `type=file;size=5;${modify}unix.owner=${owner};unix.group=${owner}; ${shown}`,
    `type=dir;${modify} folder ${shown}`,
    `type=OS.unix=slink:${name};${modify} link ${shown}`,
    `type=file;size=5;${modify} plain.txt`,
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

async function baitCertificate(folder: string): Promise<{ certificate: string; key: string }> {
  const name = '[click me](command:canary.run) $(bug) \u202egpj.exe';
  const subject = ['commonName', 'organizationName', 'localityName'].map((field) => ({ name: field, value: name }));
  const altNames = [{ type: 6 as const, value: `command:canary.run#[click%20me](command:canary.run)$(bug)` }];
  const extensions = [{ name: 'subjectAltName' as const, altNames }];
  const made = await generate(subject, { algorithm: 'sha256', keySize: 2048, extensions });
  const into = mkdtempSync(join(folder, 'certificate-'));
  const files = { certificate: join(into, 'certificate.pem'), key: join(into, 'key.pem') };
  writeFileSync(files.certificate, made.cert);
  writeFileSync(files.key, made.private);
  return files;
}

function message(type: number, ...fields: Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from([type]), ...fields]);
}

/** SSH_MSG_USERAUTH_BANNER (RFC 4252 §5.4). */
function banner(connection: Parameters<typeof sendRaw>[0]): void {
  sendRaw(connection, message(53, sshString(`${bait}\r\n`), sshString('')));
}

function ask(request: AuthContext & { readonly method: 'keyboard-interactive' }, then: () => void): void {
  const prompts = [
    { prompt: `${bait} Code:`, echo: true },
    { prompt: `${bait} Colour:`, echo: true },
  ];
  request.prompt(prompts, bait, bait, then);
}
