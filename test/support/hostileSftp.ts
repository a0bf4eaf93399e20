import assert from 'node:assert/strict';
import { isRemoteError, type RemoteErrorCode } from '../../src/core/errors.ts';
import type { Log } from '../../src/core/log.ts';
import type { Remote } from '../../src/core/remote.ts';
import { safeText } from '../../src/core/text.ts';
import { packetType, statusCode } from '../../src/transport/sftp/protocol.ts';
import { ScriptedSftp, type ScriptedRequest } from './scriptedSftp.ts';
import { openOn } from './sftpServer.ts';

/** Server text that would be a link, an icon, an escape sequence or reversed in front of a person. */
export const bait = '[x](command:evil) $(trash) \u001b]0;title\u0007\u001b[31m \u202egnp.exe\u0000\r\nforged';

/** In place of the product's. */
const deadlines = { metadata: 400, data: 500, flush: 600 };

export interface Hostile {
  readonly server: ScriptedSftp;
  readonly remote: Remote;
  /** What was logged, at all levels. */
  readonly logged: string[];
}

type Answers = Readonly<Partial<Record<keyof typeof packetType, (request: ScriptedRequest, server: ScriptedSftp) => void>>>;

/** `run` with a connection to a server that answers as it is told, and in the usual way what it is not told. */
export async function withHostile<T>(
  answers: Answers,
  run: (hostile: Hostile) => Promise<T>,
  extensions: readonly string[] = [],
): Promise<T> {
  const server = new ScriptedSftp(extensions);
  const logged: string[] = [];
  const note = (text: string): void => void logged.push(text);
  server.onRequest = (request) => {
    const told = Object.entries(answers).find(([name]) => packetType[name as keyof typeof packetType] === request.type)?.[1];
    if (told) told(request, server);
    else answerUsually(request, server);
  };
  const remote = await openOn(server, { deadlines, log: { trace: note, debug: note, info: note, warn: note, error: note } satisfies Log });
  try {
    return await run({ server, remote, logged });
  } finally {
    await remote.close();
  }
}

function answerUsually({ type, id }: ScriptedRequest, server: ScriptedSftp): void {
  if (type === packetType.OPEN || type === packetType.OPENDIR) server.reply(packetType.HANDLE, id, Buffer.from('h'));
  else if (type === packetType.READ || type === packetType.READDIR) server.status(id, statusCode.EOF);
  else if (type === packetType.LSTAT || type === packetType.STAT || type === packetType.FSTAT) server.reply(packetType.ATTRS, id, 0);
  else if (type === packetType.READLINK) server.status(id, statusCode.FAILURE);
  else if (type === packetType.REALPATH) server.reply(packetType.NAME, id, 1, Buffer.from('/home/me'), Buffer.from(''), 0);
  else server.status(id, statusCode.OK);
}

/** Fails with one of the codes, in harmless words, within the deadlines. */
export async function fails(promise: Promise<unknown>, ...codes: RemoteErrorCode[]): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(isRemoteError(error, ...codes), String(error));
    for (const text of [error.message, error.hint ?? '']) assert.equal(text, safeText(text, 2000), 'text of the server as it is');
    return true;
  });
}
