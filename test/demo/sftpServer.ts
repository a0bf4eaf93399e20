import { timingSafeEqual, createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ParsedKey } from 'ssh2';
import { confineTo, type ConfinedFolder } from './confinedFolder.ts';
import { serveSftp } from './sftpSession.ts';

export interface SftpServerOptions {
  /** The folder that clients see as `/`. */
  readonly folder: string;
  /** On 127.0.0.1. */
  readonly port: number;
  /** A private key in a form that ssh2 reads. */
  readonly hostKey: string;
  readonly user: string;
  readonly password: string;
  /** One line of an authorized_keys file. */
  readonly authorizedKey: string;
}

export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** An SSH server for SFTP alone: no shell, no forwarding. */
export async function startSftpServer(options: SftpServerOptions): Promise<RunningServer> {
  const folder = await confineTo(options.folder);
  const authorized = ssh2.utils.parseKey(options.authorizedKey);
  if (authorized instanceof Error) throw authorized;
  const ssh = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'FerryDemo' });
  ssh.on('connection', (connection) => serveConnection(connection, folder, options, authorized));

  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve, reject) => listener.once('error', reject).listen(options.port, '127.0.0.1', resolve));
  return {
    port: options.port,
    stop: async () => {
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function serveConnection(connection: Connection, folder: ConfinedFolder, options: SftpServerOptions, authorized: ParsedKey): void {
  connection.on('error', () => {});
  connection.on('authentication', (attempt) => {
    if (isAdmitted(attempt, options, authorized)) attempt.accept();
    else attempt.reject(['password', 'publickey']);
  });
  connection.on('session', (accept) => {
    accept().on('subsystem', (acceptSubsystem, rejectSubsystem, { name }) => {
      if (name === 'sftp') void serveSftp(acceptSubsystem(), folder);
      else rejectSubsystem();
    });
  });
}

function isAdmitted(attempt: AuthContext, options: SftpServerOptions, authorized: ParsedKey): boolean {
  if (!equal(attempt.username, options.user)) return false;
  if (attempt.method === 'password') return equal(attempt.password, options.password);
  if (attempt.method !== 'publickey' || !equal(attempt.key.data, authorized.getPublicSSH())) return false;
  /* Without a signature it only asks whether the key would do. */
  if (attempt.signature === undefined || attempt.blob === undefined) return true;
  return authorized.verify(attempt.blob, attempt.signature, attempt.hashAlgo);
}

/** Takes the same time whatever differs. */
function equal(given: string | Buffer, expected: string | Buffer): boolean {
  const digest = (value: string | Buffer): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
