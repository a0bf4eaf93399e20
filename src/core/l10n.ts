type Translate = (message: string, ...args: (string | number)[]) => string;

const fill: Translate = (message, ...args) => message.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));

let translate: Translate = fill;

/** User-visible text of core and transport: `{0}`, `{1}` … are the arguments. English until `useTranslations`. */
export function t(message: string, ...args: (string | number)[]): string {
  return translate(message, ...args);
}

/** Called once by the composition root, with `vscode.l10n.t`. */
export function useTranslations(by: Translate): void {
  translate = by;
}
