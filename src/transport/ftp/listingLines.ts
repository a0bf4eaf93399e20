import { copyOf } from '../../core/bytes.ts';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { latin1Of, type ListingLine } from './listedEntry.ts';

/** Longest line that is looked at, more than the longest name and target need; the rest of a longer one is thrown away and the line counts as malformed. */
const maxLineBytes = 16 * 1024;
const maxListingBytes = 64 * 1024 * 1024;
const maxLines = 500_000;

export interface CutLine extends ListingLine {
  /** The line was longer than what `bytes` holds. */
  readonly cut: boolean;
}

/** The lines of a listing as it arrives, without their line ends (LF, CRLF) and the empty ones. Throws `Unsupported` when it is too large. */
export class LineSplitter {
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #cut = false;
  #total = 0;
  #count = 0;

  /** The lines that `chunk` completes. */
  *lines(chunk: Uint8Array): Generator<CutLine> {
    this.#total += chunk.byteLength;
    if (this.#total > maxListingBytes) throw tooLarge();
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      if (end > start || this.#keptBytes > 0) yield this.#line(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.byteLength) this.#keep(chunk.subarray(start));
  }

  /** The last line, where the listing did not end with a line end. */
  *rest(): Generator<CutLine> {
    if (this.#keptBytes > 0) yield this.#line(new Uint8Array(0));
  }

  #keep(part: Uint8Array): void {
    const room = maxLineBytes - this.#keptBytes;
    if (part.byteLength > room) this.#cut = true;
    if (room <= 0) return;
    // A copy: the owner of the chunk may use it again.
    const kept = copyOf(part.subarray(0, room));
    this.#kept.push(kept);
    this.#keptBytes += kept.byteLength;
  }

  #line(last: Uint8Array): CutLine {
    if (++this.#count > maxLines) throw tooLarge();
    let bytes = last;
    if (this.#keptBytes > 0) {
      this.#keep(last);
      bytes = Buffer.concat(this.#kept);
    } else if (last.byteLength > maxLineBytes) {
      this.#cut = true;
      bytes = last.subarray(0, maxLineBytes);
    }
    if (bytes.at(-1) === 13) bytes = bytes.subarray(0, -1);
    const line = { bytes, text: latin1Of(bytes), cut: this.#cut };
    this.#kept = [];
    this.#keptBytes = 0;
    this.#cut = false;
    return line;
  }
}

export function tooLarge(): RemoteError {
  return new RemoteError('Unsupported', t('The folder has too many entries to be listed.'), {
    hint: t('Open a folder deeper in the tree instead.'),
    dropsConnection: true,
  });
}
