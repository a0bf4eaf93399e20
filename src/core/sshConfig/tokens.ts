/** What stands for `%` and a letter (ssh_config(5), TOKENS). */
export type Tokens = Readonly<Record<string, string>>;

/** The text with its tokens filled in; undefined where it holds one that has no value. `%%` is a percent sign. */
export function expandTokens(text: string, tokens: Tokens): string | undefined {
  return joined(
    text.split(/(%[\s\S]?)/).map((part, index) => {
      if (index % 2 === 0) return part;
      const letter = part.slice(1);
      if (letter === '%') return letter;
      return Object.hasOwn(tokens, letter) ? tokens[letter] : undefined;
    }),
  );
}

/** Tokens and variables of the environment, in one go: neither is looked for in what the other stands for. */
export function expandAll(text: string, tokens: Tokens, variable: (name: string) => string | undefined): string | undefined {
  const parts = text.split(/(\$\{[^}]*\})/);
  return joined(parts.map((part, index) => (index % 2 === 1 ? variable(part.slice(2, -1)) : expandTokens(part, tokens))));
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join('');
}
