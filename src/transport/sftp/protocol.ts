/** Numbers of SFTP version 3 (draft-ietf-secsh-filexfer-02) and the names of OpenSSH's extensions (OpenSSH, PROTOCOL, section 4). */

export const version = 3;

export const packetType = {
  INIT: 1,
  VERSION: 2,
  OPEN: 3,
  CLOSE: 4,
  READ: 5,
  WRITE: 6,
  LSTAT: 7,
  FSTAT: 8,
  SETSTAT: 9,
  FSETSTAT: 10,
  OPENDIR: 11,
  READDIR: 12,
  REMOVE: 13,
  MKDIR: 14,
  RMDIR: 15,
  REALPATH: 16,
  STAT: 17,
  RENAME: 18,
  READLINK: 19,
  SYMLINK: 20,
  STATUS: 101,
  HANDLE: 102,
  DATA: 103,
  NAME: 104,
  ATTRS: 105,
  EXTENDED: 200,
  EXTENDED_REPLY: 201,
} as const;

export type RequestName = Exclude<
  keyof typeof packetType,
  'INIT' | 'VERSION' | 'STATUS' | 'HANDLE' | 'DATA' | 'NAME' | 'ATTRS' | 'EXTENDED_REPLY'
>;

/** Up to 8 they are version 3; later versions' codes are sent by some servers all the same. */
export const statusCode = {
  OK: 0,
  EOF: 1,
  NO_SUCH_FILE: 2,
  PERMISSION_DENIED: 3,
  FAILURE: 4,
  BAD_MESSAGE: 5,
  NO_CONNECTION: 6,
  CONNECTION_LOST: 7,
  OP_UNSUPPORTED: 8,
  NO_SUCH_PATH: 10,
  FILE_ALREADY_EXISTS: 11,
  WRITE_PROTECT: 12,
  NO_SPACE_ON_FILESYSTEM: 14,
  QUOTA_EXCEEDED: 15,
  LOCK_CONFLICT: 17,
  DIR_NOT_EMPTY: 18,
  NOT_A_DIRECTORY: 19,
  INVALID_FILENAME: 20,
  FILE_IS_A_DIRECTORY: 24,
} as const;

export const openFlag = { READ: 1, WRITE: 2, APPEND: 4, CREAT: 8, TRUNC: 16, EXCL: 32 } as const;

export const attributeFlag = { SIZE: 1, UIDGID: 2, PERMISSIONS: 4, ACMODTIME: 8, EXTENDED: 0x80000000 } as const;

export const extension = {
  posixRename: 'posix-rename@openssh.com',
  fsync: 'fsync@openssh.com',
  statvfs: 'statvfs@openssh.com',
  limits: 'limits@openssh.com',
  lsetstat: 'lsetstat@openssh.com',
  copyData: 'copy-data',
  checkFile: 'check-file-name',
} as const;

export type ExtensionName = (typeof extension)[keyof typeof extension];

/** OpenSSH sends at most 256 KB; nobody needs more than this. */
export const maxPacketLength = 1024 * 1024;
