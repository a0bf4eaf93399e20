const longest = 7 * 86_400;

/** Seconds of silence after which a server says that it ends a connection: vsftpd in its status, Pure-FTPd in its greeting. */
export function idleTimeSaid(text: string): number | undefined {
  const status = /\b(?:session|idle)[ -]timeout(?: in seconds)?(?: is|:)? (\d{1,6})\b/i.exec(text);
  const greeting = /\b(\d{1,6}) (second|minute)s? of inactivity\b/i.exec(text);
  const seconds = status ? Number(status[1]) : Number(greeting?.[1]) * (/^minute/i.test(greeting?.[2] ?? '') ? 60 : 1);
  return seconds > 0 && seconds <= longest ? seconds : undefined;
}
