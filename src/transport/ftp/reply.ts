/** One reply of RFC 959 §4.2, single or multi-line. Text is one character a byte (latin1): whoever shows or uses a name decodes it. */
export interface Reply {
  /** 100 to 599. */
  readonly code: number;
  /** Without the code on first and last line; without line ends. At least one. */
  readonly lines: readonly string[];
}

/** Cap of one reply (and of a banner): no server needs more, a hostile one never stops. */
const maxReplyBytes = 64 * 1024;

/** Raised for bytes that are no FTP: too long a reply, or a code out of range. */
export class NotFtp extends Error {
  override readonly name = 'NotFtp';
}

/** Turns bytes into replies, whatever pieces they come in. */
export class ReplyParser {
  /** So many bytes a reply may have. */
  limit = maxReplyBytes;
  #rest = '';
  #open: { readonly code: string; readonly lines: string[] } | undefined;
  #size = 0;
  readonly #onNoise: (line: string) => void;

  /** `onNoise` is told lines that belong to no reply: they are skipped, as every client does. */
  constructor(onNoise: (line: string) => void = () => {}) {
    this.#onNoise = onNoise;
  }

  /** Whether anything came after the last whole reply, be it a reply's beginning or none at all. */
  get hasRest(): boolean {
    return this.#rest !== '' || this.#size > 0;
  }

  /** Replies that `bytes` complete. Throws NotFtp. */
  feed(bytes: Uint8Array): Reply[] {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    const replies: Reply[] = [];
    for (const line of lines) {
      const reply = this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (reply) replies.push(reply);
    }
    if (this.#size + this.#rest.length > this.limit) throw new NotFtp('The reply is too long.');
    return replies;
  }

  #line(line: string): Reply | undefined {
    this.#size += line.length + 1;
    if (this.#size > this.limit) throw new NotFtp('The reply is too long.');
    if (this.#open) return this.#continuation(this.#open, line);
    const match = /^([1-5]\d\d)(?:([ -])(.*))?$/s.exec(line);
    if (!match?.[1]) {
      if (line.trim() !== '') this.#onNoise(line);
      return undefined;
    }
    const text = match[3] ?? '';
    if (match[2] === '-') {
      this.#open = { code: match[1], lines: [text] };
      return undefined;
    }
    return this.#complete(match[1], [text]);
  }

  #continuation(open: { readonly code: string; readonly lines: string[] }, line: string): Reply | undefined {
    if (line.startsWith(`${open.code} `) || line === open.code) return this.#complete(open.code, [...open.lines, line.slice(4)]);
    // Many servers repeat `250-` on every line in between.
    open.lines.push(line.startsWith(`${open.code}-`) ? line.slice(4) : line);
    return undefined;
  }

  #complete(code: string, lines: readonly string[]): Reply {
    this.#open = undefined;
    this.#size = 0;
    return { code: Number(code), lines };
  }
}

/** RFC 959 §4.2.1: 1yz; another reply follows. */
export function isPreliminary(reply: Reply): boolean {
  return reply.code < 200;
}

/** 2yz. */
export function isCompletion(reply: Reply): boolean {
  return reply.code >= 200 && reply.code < 300;
}

/** 4yz or 5yz. */
export function isRefusal(reply: Reply): boolean {
  return reply.code >= 400;
}

/** Not done: a refusal, or a 3yz that asks for more where there is no more to say. */
export function isFailure(reply: Reply): boolean {
  return reply.code >= 300;
}

/** 500, 502, 504 and the like: the server does not have that command or parameter (RFC 959 §4.2.2). */
export function isNotImplemented(reply: Reply): boolean {
  return reply.code === 500 || reply.code === 502 || reply.code === 504 || reply.code === 202;
}

/** vsftpd's success after a folder that it was not permitted to read: what it sent is no empty folder. */
export function saysNotOpened(reply: Reply): boolean {
  return reply.code === 226 && /failed to open directory/i.test(reply.lines.join(' '));
}

/** The path of a 257 reply (RFC 959 §5.4 and appendix II: quoted, `"` doubled), one character a byte; undefined if there is none. */
export function quotedPath(reply: Reply): string | undefined {
  const text = reply.lines.join('\n');
  const match = /"((?:[^"]|"")*)"/.exec(text);
  return match?.[1]?.replaceAll('""', '"');
}

/** Whether the server refuses because there are too many already. Codes don't tell; words do, on the servers that say so. */
export function isCrowded(reply: Reply): boolean {
  return (
    (reply.code === 421 || reply.code === 530 || reply.code === 450 || reply.code === 550 || reply.code === 500) &&
    /too many|maximum|max(?:imum)? (?:number|clients|connections)|limit (?:reached|exceeded)|connection limit|try (?:again )?later|no more/i.test(
      reply.lines.join(' '),
    )
  );
}
