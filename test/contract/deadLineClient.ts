import { toRemoteError } from '../../src/core/errors.ts';
import type { Remote } from '../../src/core/remote.ts';
import { connect } from '../../src/transport/index.ts';
import { endWithParent } from '../bench/parent.ts';
import type { Target } from '../bench/target.ts';
import { connectContext } from '../support/prompts.ts';

/* The process at the near end of a line that dies: its work, each on a connection of its own, tells when it ended and how. */

export type Word = { readonly begin: Target } | { readonly lineIsDead: true };

export type Report =
  | { readonly underWay: true }
  | { readonly failed: string }
  /** `seconds` since the line was dead; `code` undefined where it was done. */
  | { readonly work: WorkName; readonly seconds: number; readonly code: string | undefined };

export const workNames = ['a download', 'an upload', 'an upload at its end', 'a look'] as const;
export type WorkName = (typeof workNames)[number];

/** `onMiddle` is to be called when it is in its middle; it may be called again. */
type Work = (remote: Remote, path: (name: string) => string, onMiddle: () => void) => Promise<unknown>;

/** More than what computers take of it at once. */
const middle = 300_000;
const piece = Buffer.alloc(64 * 1024, 7);
const death = Promise.withResolvers<number>();

const works: Record<WorkName, Work> = {
  'a download': (remote, path, onMiddle) => remote.read(path('large'), () => undefined, { onProgress: past(middle, onMiddle) }),
  'an upload': (remote, path, onMiddle) => remote.write(path('upload'), endless(onMiddle), { disposition: 'truncate' }),
  'an upload at its end': (remote, path, onMiddle) => remote.write(path('short upload'), untilDeath(onMiddle), { disposition: 'truncate' }),
  async 'a look'(remote, path, onMiddle) {
    await remote.stat(path('large'));
    onMiddle();
    await death.promise;
    await remote.stat(path('large'));
  },
};

function past(bytes: number, tell: () => void): (done: number) => void {
  return (done) => {
    if (done > bytes) tell();
  };
}

async function* endless(onMiddle: () => void): AsyncGenerator<Uint8Array> {
  for (let given = 0; ; given += piece.length) {
    past(middle, onMiddle)(given);
    yield await Promise.resolve(piece);
  }
}

async function* untilDeath(onMiddle: () => void): AsyncGenerator<Uint8Array> {
  yield piece;
  onMiddle();
  await death.promise;
}

const send = (report: Report): void => void process.send?.(report);

/** Resolves when it is in its middle, or has ended before. */
async function begin(work: WorkName, { host, password, rootOnServer }: Target): Promise<void> {
  const remote = await connect(host, connectContext({ password, admit: true }));
  const path = (name: string): string => `${rootOnServer.replace(/\/$/, '')}/${name}`;
  const inMiddle = Promise.withResolvers<undefined>();
  const ending = works[work](remote, path, () => inMiddle.resolve(undefined)).then(
    () => undefined,
    (error: unknown) => toRemoteError(error).code,
  );
  void Promise.all([death.promise, ending]).then(([since, code]) => send({ work, code, seconds: (performance.now() - since) / 1000 }));
  await Promise.race([inMiddle.promise, ending]);
}

process.on('message', (word: Word) => {
  if ('lineIsDead' in word) death.resolve(performance.now());
  else
    Promise.all(workNames.map((work) => begin(work, word.begin))).then(
      () => send({ underWay: true }),
      (error: unknown) => send({ failed: String(error) }),
    );
});
endWithParent();
