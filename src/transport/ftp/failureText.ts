import { safeText } from '../../core/text.ts';

/** What the error of a socket says, in one line: OpenSSL's messages have several, with its own source files in them. */
export function failureText(error: unknown): string {
  const { reason, message = String(error) } = error as { readonly reason?: unknown; readonly message?: string };
  return safeText(typeof reason === 'string' && reason !== '' ? reason : message, 200);
}
