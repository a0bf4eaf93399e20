import { createCipheriv } from 'node:crypto';

/* Files as the tools write them, with invented hosts. */

/** What WinSCP 6 does with a password (its `EncryptPassword`), with `shift` bytes of filling. */
export function winScpScrambled(user: string, host: string, password: string, shift = 7): string {
  const hide = (byte: number): string => ((~byte ^ 0xa3) & 0xff).toString(16).toUpperCase().padStart(2, '0');
  const text = Buffer.from(`${user}${host}${password}`);
  const all = [0xff, 0x00, text.length, shift, ...Array.from({ length: shift }, (_, index) => index * 31), ...text, 1, 2, 3, 4, 5];
  return all.map(hide).join('');
}

export function ftpSimpleHidden(text: string): string {
  const bytes = (digits: string): Buffer => Buffer.from(digits, 'hex');
  const cipher = createCipheriv('aes-128-cbc', bytes('14bc637ef4fb46f234f6848542b36e4c'), bytes('d64c5368357c6327c322c62c9a4b3e6c'));
  return cipher.update(text, 'utf8', 'hex') + cipher.final('hex');
}

export const fileZilla = `<?xml version="1.0" encoding="UTF-8"?>
<FileZilla3 version="3.67.0" platform="*nix">
	<Servers>
		<Server>
			<Host>plain.example.org</Host>
			<Port>21</Port>
			<Protocol>6</Protocol>
			<Type>0</Type>
			<Logontype>0</Logontype>
			<PasvMode>MODE_DEFAULT</PasvMode>
			<EncodingType>Auto</EncodingType>
			<BypassProxy>0</BypassProxy>
			<Name>anonymous &amp; plain</Name>
			<SyncBrowsing>0</SyncBrowsing>
			<DirectoryComparison>0</DirectoryComparison>
		</Server>
		<Folder expanded="1">Work
			<Folder expanded="0">Web &#8211; 1<Server>
				<Host>sftp.example.org</Host>
				<Port>2222</Port>
				<Protocol>1</Protocol>
				<Type>0</Type>
				<User>ann</User>
				<Pass encoding="base64">Y2FuYXJ5LfCfkKQ=</Pass>
				<Logontype>1</Logontype>
				<TimezoneOffset>-60</TimezoneOffset>
				<MaximumMultipleConnections>3</MaximumMultipleConnections>
				<EncodingType>Custom</EncodingType>
				<CustomEncoding>ISO-8859-1</CustomEncoding>
				<Name>site</Name>
				<RemoteDir>1 0 3 var 11 www and css</RemoteDir>
				<Bookmark><Name>logs</Name><RemoteDir>1 0 3 var 3 log</RemoteDir></Bookmark>site
			</Server>
			</Folder>
			<Server>
				<Host>ftps.example.org</Host>
				<Port>990</Port>
				<Protocol>3</Protocol>
				<User>bob</User>
				<Pass encoding="crypt" pubkey="AAAA">deadbeef</Pass>
				<Logontype>1</Logontype>
				<PasvMode>MODE_ACTIVE</PasvMode>
				<TimezoneOffset>-330</TimezoneOffset>
				<Name>locked</Name>
				<RemoteDir>3 0 2 C: 7 windows</RemoteDir>
			</Server>
			<Server>
				<Host>maybe.example.org</Host>
				<Port>21</Port>
				<Protocol>0</Protocol>
				<User>cy</User>
				<Pass>canary-old</Pass>
				<Logontype>1</Logontype>
				<Name>if available</Name>
			</Server>
			<Server>
				<Host>key.example.org</Host>
				<Port>22</Port>
				<Protocol>1</Protocol>
				<User>dee</User>
				<Keyfile>C:\\Users\\dee\\id.ppk</Keyfile>
				<Logontype>5</Logontype>
				<Name>key</Name>
			</Server>
			<Server>
				<Host>s3.example.org</Host>
				<Port>443</Port>
				<Protocol>7</Protocol>
				<User>user</User>
				<Logontype>1</Logontype>
				<Name>bucket</Name>
			</Server>
		</Folder>
	</Servers>
</FileZilla3>
`;

export const winScp = `[Configuration\\Security]
UseMasterPassword=0

[Sessions\\Default%20Settings]
UserName=nobody

[Sessions\\Clients/ACME%20web]
HostName=web.example.org
PortNumber=2222
UserName=deploy
Password=${winScpScrambled('deploy', 'web.example.org', 'canary-pässword')}
RemoteDirectory=/var/www/acme%20x
LocalDirectory=C:%5CProjects%5Cacme
Tunnel=1
TunnelHostName=bastion.example.org
TunnelPortNumber=2022
TunnelUserName=jo
TunnelPassword=${winScpScrambled('jo', 'bastion.example.org', 'canary-tunnel')}

[Sessions\\%EF%BB%BFB%C3%BCro]
HostName=ftp.example.org
PortNumber=21
UserName=bob
PasswordPlain=canary-plain
FSProtocol=5
Ftps=3
FtpPasvMode=0
AddressFamily=1
MinTlsVersion=12
ProxyMethod=2
ProxyHost=socks.example.org
ProxyPort=1080
ProxyUsername=pat
ProxyPasswordEnc=${winScpScrambled('pat', 'socks.example.org', 'canary-proxy')}

[Sessions\\implicit]
HostName=old.example.org
PortNumber=990
UserName=bob
AddressFamily=2
FSProtocol=5
Ftps=1
Password=A35C${'00'.repeat(3)}

[Sessions\\keys]
HostName=10.0.0.5
UserName=root
FSProtocol=0
PublicKeyFile=C:%5Ckeys%5Cid.ppk
Passphrase=${winScpScrambled('', 'C:\\keys\\id.ppk', 'canary-phrase')}
TryAgent=0

[Sessions\\cloud]
HostName=cloud.example.org
FSProtocol=6
UserName=mike

[Sessions\\Last/0000]
HostName=web.example.org
IsWorkspace=1
`;

export const puttyFile = `PresentMe=1
HostName=cy@shell.example.org
PortNumber=2022
Protocol=ssh
UserName=ignored
PublicKeyFile=/home/cy/.ssh/id.ppk
AddressFamily=1
ProxyMethod=0
TryAgent=1
`;

export const puttyRegistry = `Windows Registry Editor Version 5.00

[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions]

[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\Default%20Settings]
"HostName"=""
"Protocol"="ssh"

[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\my%20web%20server]
"HostName"="web.example.org"
"PortNumber"=dword:00000899
"Protocol"="ssh"
"UserName"="ann"
"AddressFamily"=dword:00000002
"PublicKeyFile"="C:\\\\Users\\\\ann\\\\key \\"1\\".ppk"
"ProxyMethod"=dword:00000003
"ProxyHost"="proxy.example.org"
"ProxyPort"=dword:00000c38
"Wordness0"="0,0,0"
"Colour0"=hex:01,02

[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\switch]
"HostName"="10.0.0.1"
"Protocol"="telnet"
`;

export const vscodeSftp = `// made by hand
{
  "name": "My Server",
  "host": "sftp.example.org",
  "protocol": "sftp",
  "port": 2222,
  "username": "ann", // me
  "password": "canary-1",
  "remotePath": "/var/www",
  "uploadOnSave": true,
  "algorithms": { "kex": [] },
  "profiles": {
    "dev": { "host": "dev.example.org", "privateKeyPath": "~/.ssh/id_dev", "passphrase": "canary-2" },
    "ftp": { "host": "ftp.example.org", "protocol": "ftp", "secure": "implicit", "port": 990, "password": "canary-3", "remotePath": "./" },
  },
}
`;

export const ftpKr = `{
	"host": "kr.example.org",
	"username": "kim",
	"password": "canary-kr",
	"remotePath": "/www",
	"protocol": "ftp",
	"port": 0,
	"fileNameEncoding": "cp1252",
	"autoUpload": true,
	"ignore": [".git"],
	"altServer": [{ "name": "backup", "protocol": "sftp", "host": "alt.example.org", "privateKey": "/home/kim/id", "remotePath": "" }]
}
`;

export const settings = `{
  // mine
  "editor.fontSize": 14,
  "remotefs.remote": {
    "dev": { "scheme": "sftp", "host": "dev.example.org", "username": "ann", "password": "canary-remotefs", "rootPath": "/srv" },
    "site": { "scheme": "ftp", "host": "site.example.org" },
    "bucket": { "scheme": "s3", "host": "x" }
  },
  "sshfs.configs": [
    {
      "name": "prod", "label": "Production", "group": "Work.Web", "host": "prod.example.org", "port": 22, "username": "$USERNAME",
      "agent": "$SSH_AUTH_SOCK", "root": "/srv/www", "password": true, "hop": "lab"
    },
    { "name": "lab", "host": "lab.example.org", "username": "lab", "password": "canary-sshfs", "privateKeyPath": "$HOME/.ssh/lab",
      "proxy": { "type": "socks5", "host": "socks.example.org", "port": 1080 } }
  ]
}
`;

export const ftpSimple = `[
	{
		"name": "simple",
		"host": "simple.example.org",
		"port": 21,
		"type": "ftp",
		"username": "sim",
		"password": "canary-simple",
		"path": "/html",
		"autosave": true,
		"confirm": true
	}
]`;
