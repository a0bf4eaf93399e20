import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/** A question of `ssh`, or of a program that it runs on the way to the server. */
export interface AskpassQuestion {
  /** As `ssh` words it; may hold a server's words. */
  readonly prompt: string;
  /** `SSH_ASKPASS_PROMPT` of ssh(1): `confirm` wants a yes, `none` no answer at all: it is told, and taken back. */
  readonly hint: string;
  /** The process that asks. */
  readonly parent: number;
  /** Aborts when the question is taken back. */
  readonly signal: AbortSignal;
}

export interface Askpass {
  /** For the environment of `ssh`. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

export interface AskpassOptions {
  /** The file of `askpassProgram.ts`, built. */
  readonly program: string;
  /** Of this connection alone; only the person may look into it. */
  readonly folder: string;
  /** Undefined: `ssh` gets no answer. Must not reject. */
  readonly answer: (question: AskpassQuestion) => Promise<string | undefined>;
}

const longestQuestion = 64 * 1024;

/** Listens for the questions of one `ssh`. Who asks has to show a token that only its environment holds. */
export async function listenForQuestions({ program, folder, answer }: AskpassOptions): Promise<Askpass> {
  const token = randomBytes(32).toString('hex');
  const windows = process.platform === 'win32';
  const place = windows ? String.raw`\\.\pipe\ferry-askpass-${randomBytes(16).toString('hex')}` : join(folder, 's');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    receive(socket, token, answer);
  });
  await listening(server, place);
  const launcher = await writeLauncher(folder, windows);
  return {
    environment: {
      ...{ SSH_ASKPASS: launcher, SSH_ASKPASS_REQUIRE: 'force' },
      // Versions before 8.4 ask this way only where they take it that there is a screen.
      DISPLAY: process.env['DISPLAY'] ?? 'ferry:0',
      ...{ FERRY_ASKPASS_PLACE: place, FERRY_ASKPASS_TOKEN: token },
      ...{ FERRY_ASKPASS_NODE: process.execPath, FERRY_ASKPASS_MAIN: program },
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listening(server: Server, place: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(place, () => {
      server.off('error', reject).on('error', () => {});
      resolve();
    });
  });
}

/** Nothing of the question is on its command line but as the one argument that it came as. */
async function writeLauncher(folder: string, windows: boolean): Promise<string> {
  const extra = process.versions['microsoft-build'] === undefined ? '' : ' --ms-enable-electron-run-as-node';
  const path = join(folder, windows ? 'askpass.cmd' : 'askpass.sh');
  const script = windows
    ? `@echo off\r\nset ELECTRON_RUN_AS_NODE=1\r\n"%FERRY_ASKPASS_NODE%" "%FERRY_ASKPASS_MAIN%"${extra} %*\r\n`
    : `#!/bin/sh\nELECTRON_RUN_AS_NODE=1\nexport ELECTRON_RUN_AS_NODE\nexec "$FERRY_ASKPASS_NODE" "$FERRY_ASKPASS_MAIN"${extra} "$1"\n`;
  await writeFile(path, script, { mode: 0o700 });
  if (!windows) await chmod(path, 0o700);
  return path;
}

function receive(socket: Socket, token: string, answer: AskpassOptions['answer']): void {
  let text = '';
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= longestQuestion) return;
    socket.removeAllListeners('data').resume();
    const question = read(text.slice(0, end), token);
    if (question === undefined) {
      socket.destroy();
      return;
    }
    void answer({ ...question, signal: gone.signal }).then((said) => {
      if (said === undefined) socket.destroy();
      else socket.end(JSON.stringify({ text: said }));
    });
  });
}

function read(line: string, token: string): Omit<AskpassQuestion, 'signal'> | undefined {
  try {
    const { token: shown, prompt, hint, parent } = JSON.parse(line) as Record<string, unknown>;
    if (typeof shown !== 'string' || !isSame(shown, token) || typeof prompt !== 'string') return undefined;
    return { prompt, hint: typeof hint === 'string' ? hint : '', parent: typeof parent === 'number' ? parent : 0 };
  } catch {
    return undefined;
  }
}

function isSame(shown: string, token: string): boolean {
  const [one, other] = [Buffer.from(shown), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}
