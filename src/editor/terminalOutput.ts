import type { Shell } from '../core/shell.ts';

export interface Output {
  /** What is left is shown. */
  end(): void;
}

/** Shown at most so often, in ms, so that a server that writes without end does not keep VS Code busy. */
const frame = 16;
/** Characters that wait to be shown; with more the server waits. */
const most = 256 * 1024;

/** Shows what a shell writes: at once where little comes, in bounded pieces where much does. */
export function createOutput(shell: Shell, charset: string, show: (text: string) => void): Output {
  const decoder = new TextDecoder(charset);
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  let isPaused = false;
  const flush = () => {
    const text = waiting;
    waiting = '';
    if (text !== '') show(text);
  };
  const tick = () => {
    timer = waiting === '' ? undefined : setTimeout(tick, frame);
    flush();
    if (isPaused) shell.resume();
    isPaused = false;
  };
  shell.onOutput((chunk) => {
    waiting += decoder.decode(chunk, { stream: true });
    if (timer === undefined) {
      timer = setTimeout(tick, frame);
      flush();
    } else if (waiting.length > most && !isPaused) {
      isPaused = true;
      shell.pause();
    }
  });
  return {
    end() {
      clearTimeout(timer);
      waiting += decoder.decode();
      flush();
    },
  };
}
