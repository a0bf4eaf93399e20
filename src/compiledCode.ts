import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** A CommonJS module that has run. */
export interface RunModule {
  readonly exports: Readonly<Record<string, unknown>>;
  /** Whether what was kept of it served. */
  readonly isKept: boolean;
  /** Keeps what V8 has compiled of it by now for the next run. Rejects where the disk refuses. */
  readonly keep: () => Promise<void>;
}

type Wrapper = (exports: object, require: NodeJS.Require, module: object, file: string, folder: string) => void;

const [before, after] = ['(function(exports,require,module,__filename,__dirname){', '\n})'];
/** Bytes of SHA-256. */
const sumLength = 32;

/**
 * Runs the module in `file`, from what V8 compiled the last time where the file `kept` has that, whole and of this very code: to compile it
 * anew takes most of the time that it takes to begin. Whatever is wrong with `kept`, the module runs all the same.
 */
export function runModule(file: string, kept: string, require: NodeJS.Require): RunModule {
  const code = readFileSync(file, 'utf8');
  const sum = sumOf(code);
  const cachedData = readKept(kept, sum);
  const options = { filename: file, columnOffset: -before.length };
  const script = new Script(before + code + after, { ...options, ...(cachedData && { cachedData }) });
  const handed = {};
  const module: { exports: Readonly<Record<string, unknown>> } = { exports: handed };
  (script.runInThisContext() as Wrapper)(handed, require, module, file, dirname(file));
  const { exports } = module;
  const isKept = cachedData !== undefined && script.cachedDataRejected === false;
  return { exports, isKept, keep: () => keep(kept, sum, script.createCachedData()) };
}

/** Of the code and of what runs it: V8 itself compares the length of the code only. */
function sumOf(code: string): Buffer {
  const { arch, platform, versions } = process;
  return createHash('sha256').update(`${platform} ${arch} ${versions.v8}\n${code}`).digest();
}

/** Undefined where it is not there, not whole, or of other code. V8 does not look whether it is whole. */
function readKept(kept: string, sum: Buffer): Buffer | undefined {
  try {
    const bytes = readFileSync(kept);
    const data = bytes.subarray(2 * sumLength);
    const isWhole = createHash('sha256')
      .update(data)
      .digest()
      .equals(bytes.subarray(sumLength, 2 * sumLength));
    return isWhole && sum.equals(bytes.subarray(0, sumLength)) ? data : undefined;
  } catch {
    return undefined;
  }
}

async function keep(kept: string, sum: Buffer, data: Buffer): Promise<void> {
  const begun = `${kept}.${randomUUID()}`;
  await mkdir(dirname(kept), { recursive: true });
  try {
    await writeFile(begun, Buffer.concat([sum, createHash('sha256').update(data).digest(), data]), { mode: 0o600 });
    await rename(begun, kept);
  } catch (error) {
    await rm(begun, { force: true });
    throw error;
  }
}
