import { LogLevel, window } from 'vscode';
import type { Disposable } from '../core/events.ts';
import type { Log } from '../core/log.ts';
import { spelledOut } from '../core/text.ts';

/** The output channel "Ferry". The person chooses its level; the protocols' dialogue is at trace level. */
export interface LogChannel extends Log, Disposable {
  /** Lines of one host, told apart by its name. */
  forHost(name: string): Log;
  show(): void;
}

const longest = 8000;

function visible(text: string): string {
  // Servers write into this log: nothing of theirs may move the cursor, hide text or fake another line.
  const line = spelledOut(text);
  return line.length > longest ? `${line.slice(0, longest)}… (${line.length - longest} more)` : line;
}

export function createLogChannel(): LogChannel {
  const channel = window.createOutputChannel('Ferry', { log: true });
  const wantsTrace = () => channel.logLevel === LogLevel.Trace;
  const prefixed = (prefix: string): Log => ({
    get wantsTrace() {
      return wantsTrace();
    },
    trace(message) {
      if (wantsTrace()) channel.trace(visible(prefix + message));
    },
    debug: (message) => channel.debug(visible(prefix + message)),
    info: (message) => channel.info(visible(prefix + message)),
    warn: (message) => channel.warn(visible(prefix + message)),
    error: (message) => channel.error(visible(prefix + message)),
  });
  return Object.assign(prefixed(''), {
    forHost: (name: string) => prefixed(`[${name}] `),
    show: () => channel.show(true),
    dispose: () => {
      channel.dispose();
    },
  });
}
