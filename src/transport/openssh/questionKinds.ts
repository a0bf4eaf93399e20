/** What `ssh` asks, by its words (OpenSSH's sshconnect.c, sshconnect2.c, readconf.c). */
export type QuestionKind =
  | { readonly kind: 'hostKey'; readonly place: string; readonly type: string; readonly fingerprint: string | undefined }
  | { readonly kind: 'password' }
  | { readonly kind: 'expiredPassword' }
  | { readonly kind: 'passphrase'; readonly file: string }
  /** The server's own question (RFC 4256), as it is. */
  | { readonly kind: 'server'; readonly prompt: string }
  /** Something to be done, with nothing to answer. */
  | { readonly kind: 'notice' }
  /** Anything else that `ssh` itself wants to know. */
  | { readonly kind: 'other' };

/** `mayBeServer`: the words may be a server's, with nothing that marks them. */
export function kindOfQuestion(prompt: string, hint: string, mayBeServer: boolean): QuestionKind {
  if (hint === 'none') return { kind: 'notice' };
  const [, own] = /^\([^()\s]*@[^()\s]*\) ([^]*)$/.exec(prompt) ?? [];
  if (own !== undefined) return { kind: 'server', prompt: own };
  if (mayBeServer) return { kind: 'server', prompt };
  const [, place, rest = ''] = /^The authenticity of host '(.+?)' can't be established\.([^]*)$/.exec(prompt) ?? [];
  if (place !== undefined) {
    const [, type = '', fingerprint] = /^\r?\n(\S+) key fingerprint is (SHA256:[\w+/]+)/.exec(rest) ?? [];
    return { kind: 'hostKey', place, type, fingerprint };
  }
  const [, file] = /^Enter passphrase for key '(.*)': $/.exec(prompt) ?? [];
  if (file !== undefined) return { kind: 'passphrase', file };
  if (/^\S+@\S+'s password: $/.test(prompt)) return { kind: 'password' };
  if (/^(?:\S+@\S+'s old|Enter \S+@\S+'s new|Retype \S+@\S+'s new) password: $/.test(prompt)) return { kind: 'expiredPassword' };
  return { kind: 'other' };
}

/** `host (address)` or `[host]:port ([address]:port)`, as a question about a host key names it. */
export function placeOf(text: string): { readonly address: string; readonly port: number } {
  const [name = text] = text.split(' ');
  const [, address, port] = /^\[(.+)\]:(\d{1,5})$/.exec(name) ?? [];
  return { address: address ?? name, port: port === undefined ? 22 : Number(port) };
}
