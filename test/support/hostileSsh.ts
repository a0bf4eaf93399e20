import assert from 'node:assert/strict';
import { RemoteError, type RemoteErrorCode } from '../../src/core/errors.ts';
import type { Log } from '../../src/core/log.ts';
import { safeText } from '../../src/core/text.ts';
import { connectSftpWithin } from '../../src/transport/sftp/sftpConnect.ts';
import { makeHost } from '../servers/server.ts';
import { connectContext, type Script, type TestContext } from './prompts.ts';

/** In place of the product's 20 s. */
export const patience = 900;
/** Server text that would be a link, an icon, an escape sequence or reversed in front of a person. */
export const bait = '[x](command:evil) $(trash) \u001b]0;title\u0007\u001b[31m \u202egnp.exe\u0000\r\nforged';

export interface Failure {
  readonly error: RemoteError;
  readonly ms: number;
  readonly context: TestContext;
}

/** How connecting over SSH to `port` failed: with a RemoteError of harmless words, or the test does. */
export async function connectFailure(port: number, script: Script = {}, log?: Log): Promise<Failure> {
  const context = connectContext({ admit: true, ...script }, log ? { log } : {});
  const host = makeHost({ name: 'test', protocol: 'sftp', port, user: 'somebody' });
  const from = performance.now();
  try {
    await (await connectSftpWithin(patience)(host, context)).close();
  } catch (error) {
    assert.ok(error instanceof RemoteError, String(error));
    assert.equal(error.host, 'test');
    for (const text of [error.message, error.hint ?? '']) assert.equal(text, safeText(text, 2000), 'text of the server as it is');
    return { error, ms: performance.now() - from, context };
  }
  throw new Error('connected');
}

export function assertCode(error: RemoteError, ...codes: RemoteErrorCode[]): void {
  assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
}
