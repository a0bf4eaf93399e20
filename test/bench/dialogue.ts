import { spawn } from 'node:child_process';

/** A program that takes commands line by line from its standard input and stays connected between them. */
export interface Dialogue {
  /** What it printed for these lines. Rejects where it complained or ended. */
  readonly ask: (...lines: readonly string[]) => Promise<string>;
  readonly end: () => Promise<void>;
}

export interface DialogueOptions {
  /** A command that makes it print something at once without asking the server, and what that is; `N` stands for a number. */
  readonly mark: { readonly command: string; readonly printed: string };
  /** Marks a complaint in its standard error; default: anything. */
  readonly complaint?: RegExp;
}

export function startDialogue(command: string, args: readonly string[], options: DialogueOptions): Dialogue {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let printed = '';
  let complained = '';
  let look: () => void = () => {};
  let number = 0;
  let ended = false;
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    look();
  });
  child.stderr.on('data', (chunk: Buffer) => void (complained += chunk.toString()));
  child.stdin.on('error', () => {});
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      ended = true;
      look();
      resolve();
    };
    child.once('error', end);
    child.once('close', end);
  });
  const complaint = options.complaint ?? /\S/;
  return {
    async ask(...lines) {
      const mark = String((number += 1));
      const end = options.mark.printed.replace('N', mark);
      [printed, complained] = ['', ''];
      child.stdin.write([...lines, options.mark.command.replace('N', mark), ''].join('\n'));
      await new Promise<void>((resolve) => {
        look = () => {
          if (ended || printed.includes(end)) resolve();
        };
        look();
      });
      if (ended || complaint.test(complained)) throw new Error(`${command}: ${complained.trim() || 'it ended'}`);
      return printed.slice(0, printed.indexOf(end));
    },
    async end() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
      await gone;
      clearTimeout(timer);
    },
  };
}
