import type { Duplex } from 'node:stream';
import type { ConnectContext } from '../../core/connect.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import { shellCommand } from '../sshConfig/shell.ts';
import { endProcess, startProcess } from './childProcess.ts';
import { PairedStream } from './pairedStream.ts';

/** A connection that is the input and output of a command, run by the person's shell as OpenSSH runs a `ProxyCommand`. */
export function openProxyCommand(command: string, { log, observe }: Pick<ConnectContext, 'log' | 'observe'>): Duplex {
  const windows = process.platform === 'win32';
  const { file, args, verbatim } = shellCommand(windows ? command : `exec ${command}`);
  log.info(`ProxyCommand: ${command}`);
  const { child, stdin, stdout, stderr } = startProcess(file, args, { windowsVerbatimArguments: verbatim });
  observe?.({ kind: 'proxyCommand', said: '' });
  stderr.on('data', (chunk: Buffer) => {
    const said = safeText(chunk.toString(), 500);
    log.warn(`ProxyCommand: ${said}`);
    observe?.({ kind: 'proxyCommand', said });
  });
  stderr.on('error', () => {});
  const stream = new PairedStream(stdout, stdin, () => {
    stdin.destroy();
    endProcess(child);
  });
  child.once('error', (error) => stream.destroy(error));
  child.once('exit', (code, signal) => {
    log.debug(`ProxyCommand ended: ${signal ?? String(code)}`);
    observe?.({ kind: 'proxyCommand', said: t('It ended: {0}', signal ?? String(code)) });
  });
  return stream;
}
