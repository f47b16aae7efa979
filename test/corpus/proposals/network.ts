import { atImport, noGain, propose, type Proposal } from '../proposal.ts';

const net = "import * as net from 'node:net';";
const tellConnection = (where: string) =>
  [
    'const told = await new Promise((resolve) => {',
    `  const connection = net.connect(${where});`,
    "  connection.on('connect', () => resolve('connected')).on('error', (error) => resolve(error.code));",
    "  setTimeout(() => resolve('silence'), 2000);",
    '});',
    'throw new Error(`network: ${told}`);',
  ].join('\n');
const reach = (name: string, where: string, told: RegExp): Proposal => ({
  name,
  proposal: propose('Ask around', atImport('test', tellConnection(where), net)),
  expect: ['tests-failed'],
  says: told,
});

/** Programs that look for somebody to talk to. */
export const network: readonly Proposal[] = [
  reach('the loopback of the host', "{ host: '127.0.0.1', port: @@PORT@@ }", /network: ECONNREFUSED/),
  reach('localhost by name', "{ host: 'localhost', port: @@PORT@@ }", /network: ECONNREFUSED/),
  reach("the host's own address", "{ host: '@@ADDRESS@@', port: @@PORT@@ }", /network: E(NETUNREACH|CONNREFUSED)/),
  reach('the internet', "{ host: '192.0.2.1', port: 80 }", /network: ENETUNREACH/),
  reach('a Unix socket', "{ path: '@@SOCKET@@' }", /network: ENOENT/),
  reach('an abstract socket', "{ path: '\\0@@ABSTRACT@@' }", /network: ECONNREFUSED/),
  {
    name: 'a datagram, as a question for a name would be',
    proposal: propose(
      'Send',
      atImport(
        'test',
        "const socket = createSocket('udp4').on('error', () => {});\nfor (const host of ['127.0.0.1', '@@ADDRESS@@']) await new Promise((resolve) => socket.send('secret', @@PORT@@, host, resolve));\nsocket.close();\nthrow new Error('network: sent into the void');",
        "import { createSocket } from 'node:dgram';",
      ),
    ),
    expect: ['tests-failed'],
    says: /network: sent/,
  },
  {
    name: 'the name of a host',
    proposal: propose(
      'Look up',
      atImport(
        'test',
        "throw new Error(`network: ${await lookup('example.com').then(() => 'found', (error) => error.code)}`);",
        "import { lookup } from 'node:dns/promises';",
      ),
    ),
    expect: ['tests-failed'],
    says: /network: (EAI_AGAIN|ENOTFOUND)/,
  },
  {
    name: 'interfaces other than the loopback',
    proposal: propose(
      'List',
      atImport(
        'test',
        "throw new Error(`network: [${Object.keys(networkInterfaces()).filter((name) => name !== 'lo')}]`);",
        "import { networkInterfaces } from 'node:os';",
      ),
    ),
    expect: ['tests-failed'],
    says: /network: \[\]/,
  },
  {
    name: 'a server of its own, on a port that the host uses',
    proposal: propose(
      'Serve',
      atImport(
        'always',
        "net.createServer().on('error', (error) => { throw error; }).listen(@@PORT@@, '0.0.0.0').unref();",
        net,
      ),
    ),
    expect: noGain,
  },
];
