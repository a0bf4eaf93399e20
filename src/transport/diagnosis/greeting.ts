import type { Socket } from 'node:net';
import type { Service } from '../../core/diagnosis/finding.ts';
import { abortError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { ControlConnection } from '../ftp/controlConnection.ts';
import { within } from '../ftp/deadlines.ts';
import { parseFeatures } from '../ftp/features.ts';
import { isRefusal } from '../ftp/reply.ts';
import { hear, openSocket, openTls, type Heard, type Place } from './sockets.ts';

/** What speaks at a port. Nothing that is secret, and no name of a user, is said to it. */
export interface Answering {
  readonly service: Service;
  /** Its first line; raw. */
  readonly said: string;
}

export interface AskingOptions {
  readonly log: Log;
  /** Ms for a TCP connection, and until a server that says nothing is taken for silent. */
  readonly connect: number;
  readonly silence: number;
  readonly signal: AbortSignal;
}

const ssh = /^SSH-/m;
const ftp = /^(?:120|220|230|421|500|530)(?:[ -][^\n]*)?\n/;
const otherMail = /\b(?:E?SMTP|POP3|IMAP|NNTP)\b/;
const http = /^HTTP\/|^\s*<(?:!doctype|html)/i;
const tlsRecord = /^[\x14-\x17]\x03/;
const farewell = 500;

/**
 * Finds out what speaks at a place, from what it says by itself, or to TLS, or to a web browser's question. Rejects where no connection
 * comes about. At most three connections, one after another.
 */
export async function askWhoAnswers(place: Place, options: AskingOptions): Promise<Answering> {
  const { connect, silence, signal } = options;
  const socket = await openSocket(place, connect, signal);
  try {
    const heard = await hear(socket, silence, signal, (text) => recognised(text) !== undefined);
    const service = recognised(heard.text);
    const said = firstLine(heard.text);
    if (service === 'ftp') return { service: await offersTls(socket, heard, options), said };
    if (service !== undefined) return { service, said };
    if (heard.text !== '') return { service: 'other', said };
    // A server of TLS or HTTP waits for us to speak; one that ended the connection by itself had nothing to say.
    if (heard.ended) return { service: 'closed', said: '' };
  } finally {
    socket.destroy();
  }
  return (await askInTls(place, options)) ?? (await askForPage(place, options)) ?? { service: 'silent', said: '' };
}

function recognised(text: string): Service | undefined {
  if (ssh.test(text)) return 'ssh';
  if (http.test(text)) return 'http';
  if (tlsRecord.test(text)) return 'tls';
  if (!ftp.test(text)) return undefined;
  return otherMail.test(text) && !/FTP/i.test(text.replace(/E?SMTP/gi, '')) ? 'other' : 'ftp';
}

function firstLine(text: string): string {
  return Buffer.from(text.split('\n', 1)[0]?.trim() ?? '', 'latin1')
    .toString('utf8')
    .slice(0, 200);
}

/**
 * FEAT is answered before the log-in too (RFC 2389 §3), and names AUTH (RFC 4217 §6); where it is refused, AUTH itself is asked for, and not
 * gone on with. Ends the connection as a client does.
 */
async function offersTls(socket: Socket, { text }: Heard, { log, silence, signal }: AskingOptions): Promise<Service> {
  socket.unshift(Buffer.from(text, 'latin1'));
  const control = new ControlConnection(socket, log, silence);
  socket.resume();
  try {
    await control.greeting(silence);
    const features = await control.request('FEAT');
    const named = /\bTLS\b|\bSSL\b/i.test(parseFeatures(features).get('AUTH') ?? '');
    if (named || (isRefusal(features) && (await control.request('AUTH TLS')).code === 234)) return 'ftpWithTls';
    return 'ftp';
  } catch {
    if (signal.aborted) throw abortError(signal);
    return 'ftp';
  } finally {
    await within(
      control.request('QUIT').catch(() => undefined),
      farewell,
    );
  }
}

async function askInTls(place: Place, options: AskingOptions): Promise<Answering | undefined> {
  const { connect, silence, signal } = options;
  const socket = await openSocket(place, connect, signal);
  try {
    const secure = await openTls(socket, place.address, silence, signal);
    const heard = await hear(secure, silence, signal, (text) => recognised(text) !== undefined);
    if (recognised(heard.text) === 'ftp') return { service: 'ftpImplicit', said: firstLine(heard.text) };
    if (heard.text !== '' || heard.ended) return { service: 'tls', said: firstLine(heard.text) };
    secure.write(question);
    const answer = await hear(secure, silence, signal, (text) => recognised(text) !== undefined);
    return { service: http.test(answer.text) ? 'https' : 'tls', said: firstLine(answer.text) };
  } catch {
    if (signal.aborted) throw abortError(signal);
    return undefined;
  } finally {
    socket.destroy();
  }
}

const question = 'HEAD / HTTP/1.0\r\n\r\n';

async function askForPage(place: Place, { connect, silence, signal }: AskingOptions): Promise<Answering | undefined> {
  const socket = await openSocket(place, connect, signal);
  try {
    socket.write(question);
    const { text } = await hear(socket, silence, signal, (said) => recognised(said) !== undefined);
    const service = recognised(text);
    return service === 'http' || service === 'ssh' || service === 'ftp' ? { service, said: firstLine(text) } : undefined;
  } finally {
    socket.destroy();
  }
}
