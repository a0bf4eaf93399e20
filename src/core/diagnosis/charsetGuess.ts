import { charsetOf } from '../charset.ts';

/** Beyond the Latin letters of the first, what Windows servers had. */
const likely = ['utf-8', 'windows-1252'] as const;

/** Letters and marks that names in Western Europe have; other characters of the upper half speak against the charset. */
const letters = /^[\p{L}\p{N}\p{P}\p{Zs}\p{Sc}]+$/u;

/** A character that stands for a byte without meaning in the charset (see `Charset`). */
const meaningless = /[\uef80-\uefff]/;

/**
 * The charset that names which came out wrong in `current` seem to be in, with one of them as an example; undefined where they are right, or
 * nothing fits.
 */
export function guessCharset(
  names: readonly string[],
  current: string,
): { readonly charset: string; readonly example: string } | undefined {
  const used = charsetOf(current);
  const isUtf8 = /^utf-?8$/i.test(current);
  const suspicious = names.filter((name) => (isUtf8 ? meaningless.test(name) : /[^\0-\x7f]/.test(name)));
  const [first] = suspicious;
  if (first === undefined) return undefined;
  const bytes = suspicious.slice(0, 200).map((name) => used.encode(name));
  for (const charset of likely) {
    if ((charset === 'utf-8') === isUtf8) continue;
    const decoded = bytes.map((one) => charsetOf(charset).decode(one));
    const fits = decoded.every((name) => !meaningless.test(name) && (charset === 'utf-8' || letters.test(name)));
    if (fits) return { charset, example: decoded[0] ?? '' };
    if (!isUtf8) return undefined;
  }
  return undefined;
}
