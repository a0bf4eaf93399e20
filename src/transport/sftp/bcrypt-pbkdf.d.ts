declare module 'bcrypt-pbkdf' {
  const bcrypt: {
    /** One bcrypt of two SHA-512 hashes into 32 bytes. */
    hash(passphrase: Uint8Array, salt: Uint8Array, out: Uint8Array): void;
  };
  export = bcrypt;
}
