import type { Client } from './driver.ts';
import { ferry } from './ferry.ts';
import { basicFtp, ssh2SftpClient } from './libraries.ts';
import { lftp } from './lftp.ts';
import { opensshSftp } from './opensshSftp.ts';
import { rclone } from './rclone.ts';

export const clients: readonly Client[] = [ferry, opensshSftp, lftp, rclone, ssh2SftpClient, basicFtp];
